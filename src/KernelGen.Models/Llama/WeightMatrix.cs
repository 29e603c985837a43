using KernelGen.Kernels.Elements;

namespace KernelGen.Models;

/// <summary>A weight matrix in memory, in the format in which it was stored, multiplied in float32 by rows that are repacked at the first product.</summary>
public sealed class WeightMatrix
{
    private readonly CompressedMatrix _matrix;
    private readonly float _scale;

    private WeightMatrix(CompressedFormat format, byte[] packed, int rows, int columns)
    {
        _matrix = format.Matrix(packed, rows, columns);
        _scale = format.Info.TensorHeader is { } type ? ScaleCodec.Read(type, packed) : 1f;
    }

    /// <summary>The format.</summary>
    public CompressedFormat Format => _matrix.Format;

    /// <summary>Rows: length of a result.</summary>
    public int Rows => _matrix.Rows;

    /// <summary>Columns: length of an activation vector.</summary>
    public int Columns => _matrix.Columns;

    /// <summary>Loads a tensor. Plain values go through the format of their type, or of binary32, without loss.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="catalog">Where formats are found.</param>
    /// <param name="parallelism">How many threads.</param>
    /// <exception cref="ModelFormatException">The tensor cannot be read, or is more than an array can hold.</exception>
    public static WeightMatrix Load(ModelTensor tensor, FormatCatalog catalog, Parallelism? parallelism = null)
    {
        if (tensor.Storage.Format is { } format)
        {
            if (tensor.Bytes > Array.MaxLength || tensor.Columns > int.MaxValue || tensor.Rows > int.MaxValue)
            {
                throw new ModelFormatException(
                    tensor.File,
                    $"it has {tensor.Bytes} bytes; at most {Array.MaxLength} are loaded.",
                    tensor.Name
                );
            }
            var packed = new byte[tensor.Bytes];
            tensor.ReadBytes(0, packed);
            return new(format, packed, (int)tensor.Rows, (int)tensor.Columns);
        }
        return Of(
            new TensorRows(tensor).ReadAll(),
            (int)tensor.Rows,
            (int)tensor.Columns,
            Plain(catalog, tensor.Storage.Dtype),
            parallelism
        );
    }

    /// <summary>Packs values.</summary>
    /// <param name="values"><c>rows × columns</c> values.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="format">The format.</param>
    /// <param name="parallelism">How many threads.</param>
    public static WeightMatrix Of(
        ReadOnlyMemory<float> values,
        int rows,
        int columns,
        CompressedFormat format,
        Parallelism? parallelism = null
    )
    {
        var packed = new byte[format.Info.PackedBytes(rows, columns)];
        format.Pack(values, rows, columns, packed, parallelism);
        return new(format, packed, rows, columns);
    }

    /// <summary>Y = X·Wᵀ.</summary>
    /// <param name="x"><c>batch × Columns</c> activations.</param>
    /// <param name="batch">Number of activation vectors.</param>
    /// <param name="y">Receives <c>batch × Rows</c> values.</param>
    /// <param name="parallelism">How many threads.</param>
    public void Multiply(ReadOnlyMemory<float> x, int batch, Memory<float> y, Parallelism? parallelism = null) =>
        _matrix.MatMul(x, batch, y, parallelism);

    /// <summary>Decodes one row.</summary>
    /// <param name="row">Its index.</param>
    /// <param name="values">Receives its values.</param>
    public void Row(int row, Span<float> values)
    {
        int bytes = Format.Info.RowBytes(Columns);
        Format.UnpackRows(_matrix.Packed.Span.Slice(Format.Info.TensorHeaderBytes + row * bytes, bytes), 1, Columns, _scale, values);
    }

    /// <summary>All values.</summary>
    /// <param name="parallelism">How many threads.</param>
    public float[] Values(Parallelism? parallelism = null)
    {
        var values = new float[checked(Rows * Columns)];
        _matrix.Unpack(values, parallelism);
        return values;
    }

    /// <summary>The format that holds values of a type without loss: its own, or binary32's.</summary>
    internal static CompressedFormat Plain(FormatCatalog catalog, SafetensorsDtype? dtype) =>
        catalog.All.FirstOrDefault(format => dtype is { } one && TensorStorage.Of(format).Dtype == one)
        ?? catalog.All.FirstOrDefault(format => TensorStorage.Of(format).Dtype == SafetensorsDtype.F32)
        ?? throw new KeyNotFoundException("The catalogue has no format for plain binary32 values.");
}
