using System.Buffers;
using KernelGen.Kernels.Elements;

namespace KernelGen.Models;

/// <summary>Reads rows of a tensor as float32, decoded if they are packed. Safe from several threads.</summary>
public sealed class TensorRows
{
    /// <summary>Columns of which a row's bytes can be counted, regardless of the plain type.</summary>
    private const int MostColumns = int.MaxValue / sizeof(double);

    /// <summary>Bytes that are read before they are decoded: so few that they are still in the processor's cache then.</summary>
    private const int CachedBytes = 1 << 17;

    private readonly ModelTensor _tensor;
    private readonly int _columns;
    private readonly float _scale = 1f;

    /// <summary>Prepares reading; the tensor header of a packed tensor is read now.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <exception cref="ModelFormatException">Its values are no numbers, or one row is more than an array can hold.</exception>
    public TensorRows(ModelTensor tensor)
        : this(tensor, tensor.Storage.IsReadable) { }

    private TensorRows(ModelTensor tensor, bool readable)
    {
        _tensor = tensor;
        if (!readable)
        {
            throw new ModelFormatException(
                tensor.File,
                $"its values are {tensor.Storage}, which are not read as numbers here.",
                tensor.Name
            );
        }
        if (tensor.Columns > MostColumns || tensor.Rows > int.MaxValue)
        {
            throw new ModelFormatException(
                tensor.File,
                $"it has {tensor.Rows} rows of {tensor.Columns} values; at most {int.MaxValue} rows of {MostColumns} are read.",
                tensor.Name
            );
        }
        _columns = (int)tensor.Columns;
        FormatInfo? info = tensor.Storage.Format?.Info;
        RowBytes = info?.RowBytes(_columns) ?? _columns * (tensor.Storage.Dtype!.Value.Bits() / 8);
        if (info?.TensorHeader is { } type)
        {
            Span<byte> header = stackalloc byte[ScaleCodec.Bytes(type)];
            tensor.ReadBytes(0, header);
            _scale = ScaleCodec.Read(type, header);
        }
    }

    /// <summary>A part of quantised weights, whose whole numbers and powers of two are read as what they stand for.</summary>
    internal static TensorRows OfPart(ModelTensor tensor) =>
        new(
            tensor,
            tensor.Storage.IsReadable || tensor.Storage.Dtype is SafetensorsDtype.I8 or SafetensorsDtype.U8 or SafetensorsDtype.F8E8M0
        );

    /// <summary>Bytes of a row as it is stored.</summary>
    internal int RowBytes { get; }

    /// <summary>Reads whole rows.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="values">Receives <c>count × columns</c> values.</param>
    public void Read(long first, int count, Span<float> values)
    {
        int part = Math.Max(1, CachedBytes / Math.Max(1, RowBytes));
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Min(count, part) * RowBytes);
        try
        {
            for (int done = 0; done < count; done += part)
            {
                int rows = Math.Min(part, count - done);
                Span<byte> bytes = buffer.AsSpan(0, rows * RowBytes);
                ReadStored(first + done, bytes);
                Decode(bytes, rows, values.Slice(done * _columns, rows * _columns));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Some values in order, across rows; of plain values only.</summary>
    internal void ReadValues(long first, Span<float> values)
    {
        int width = _tensor.Storage.Dtype!.Value.Bits() / 8;
        var bytes = new byte[values.Length * width];
        _tensor.ReadBytes(first * width, bytes);
        SafetensorsValues.ToSingles(_tensor.Storage.Dtype.Value, bytes, values);
    }

    /// <summary>All values of the tensor.</summary>
    /// <exception cref="ModelFormatException">They are more than an array can hold.</exception>
    public float[] ReadAll()
    {
        if (_tensor.Count > Array.MaxLength)
        {
            throw new ModelFormatException(
                _tensor.File,
                $"it has {_tensor.Count} values; at most {Array.MaxLength} are read at once.",
                _tensor.Name
            );
        }
        var values = new float[_tensor.Count];
        Read(0, (int)_tensor.Rows, values);
        return values;
    }

    /// <summary>Reads whole rows as they are stored.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="bytes">Receives them: a multiple of <see cref="RowBytes"/>.</param>
    internal void ReadStored(long first, Span<byte> bytes) =>
        _tensor.ReadBytes((_tensor.Storage.Format?.Info.TensorHeaderBytes ?? 0) + first * RowBytes, bytes);

    /// <summary>Decodes rows.</summary>
    /// <param name="stored">The rows as they are stored.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="values">Receives <c>count × columns</c> values.</param>
    internal void Decode(ReadOnlySpan<byte> stored, int count, Span<float> values)
    {
        if (_tensor.Storage.Format is { } format)
        {
            format.UnpackRows(stored, count, _columns, _scale, values);
        }
        else
        {
            SafetensorsValues.ToSingles(_tensor.Storage.Dtype!.Value, stored, values);
        }
    }
}
