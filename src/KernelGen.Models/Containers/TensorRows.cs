using System.Buffers;

namespace KernelGen.Models;

/// <summary>Reads rows of a tensor as float32, decoded if they are packed. Safe from several threads.</summary>
public sealed class TensorRows
{
    private readonly ModelTensor _tensor;
    private readonly float _scale = 1f;

    /// <summary>Prepares reading; the tensor header of a packed tensor is read now.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <exception cref="ModelFormatException">Its values are no numbers, or one row is more than an array can hold.</exception>
    public TensorRows(ModelTensor tensor)
    {
        _tensor = tensor;
        if (!tensor.Storage.IsReadable)
        {
            throw new ModelFormatException(tensor.File, $"its values are {tensor.Storage}, which are not read as numbers here.", tensor.Name);
        }
        if (tensor.Columns > Array.MaxLength / sizeof(float) || tensor.Rows > int.MaxValue)
        {
            throw new ModelFormatException(tensor.File, $"a row of it has {tensor.Columns} values; at most {Array.MaxLength / sizeof(float)} are read at once.", tensor.Name);
        }
        if (tensor.Storage.Format?.Info.TensorHeader is { } type)
        {
            Span<byte> header = stackalloc byte[ScaleCodec.Bytes(type)];
            tensor.ReadBytes(0, header);
            _scale = ScaleCodec.Read(type, header);
        }
    }

    /// <summary>Reads whole rows.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="values">Receives <c>count × columns</c> values.</param>
    public void Read(long first, int count, Span<float> values)
    {
        int columns = (int)_tensor.Columns;
        values = values[..(count * columns)];
        FormatInfo? info = _tensor.Storage.Format?.Info;
        int rowBytes = info?.RowBytes(columns) ?? columns * (_tensor.Storage.Dtype!.Value.Bits() / 8);
        // Of a large band a part at a time, so that what is read stays in the processor's cache until it is decoded.
        int part = Math.Max(1, (1 << 18) / Math.Max(1, rowBytes));
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Min(count, part) * rowBytes);
        try
        {
            for (int done = 0; done < count; done += part)
            {
                int rows = Math.Min(part, count - done);
                Span<byte> bytes = buffer.AsSpan(0, rows * rowBytes);
                Span<float> target = values.Slice(done * columns, rows * columns);
                _tensor.ReadBytes((info?.TensorHeaderBytes ?? 0) + (first + done) * rowBytes, bytes);
                if (_tensor.Storage.Format is { } format)
                {
                    format.UnpackRows(bytes, rows, columns, _scale, target);
                }
                else
                {
                    SafetensorsValues.ToSingles(_tensor.Storage.Dtype!.Value, bytes, target);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>All values of the tensor.</summary>
    /// <exception cref="ModelFormatException">They are more than an array can hold.</exception>
    public float[] ReadAll()
    {
        if (_tensor.Count > Array.MaxLength)
        {
            throw new ModelFormatException(_tensor.File, $"it has {_tensor.Count} values; at most {Array.MaxLength} are read at once.", _tensor.Name);
        }
        var values = new float[_tensor.Count];
        Read(0, (int)_tensor.Rows, values);
        return values;
    }
}
