using System.Globalization;

namespace KernelGen.Models;

/// <summary>
/// How the values of a tensor are stored, regardless of the container: as plain values, packed into a declared format, or as a
/// ggml type that nothing here decodes and that is passed on as it is.
/// </summary>
public sealed record TensorStorage
{
    private TensorStorage() { }

    /// <summary>The type of plain values; null for all others.</summary>
    public SafetensorsDtype? Dtype { get; private init; }

    /// <summary>The format of packed values; null for all others.</summary>
    public CompressedFormat? Format { get; private init; }

    /// <summary>The ggml type of which the bytes are, if they are any's.</summary>
    public GgmlType? Ggml { get; private init; }

    /// <summary>What the values were quantised by elsewhere, with bits and groups; null for all others. They are read as float32.</summary>
    public string? Dialect { get; private init; }

    /// <summary>How a tensor that is kept is written: as it is, values that were stored in several parts as float32.</summary>
    public TensorStorage AsWritten => Dialect is null ? this : Of(SafetensorsDtype.F32);

    /// <summary>Values that a dialect stores in several tensors.</summary>
    /// <param name="dialect">Its name.</param>
    internal static TensorStorage Decoded(string dialect) => Of(SafetensorsDtype.F32) with { Dialect = dialect };

    /// <summary>Plain values.</summary>
    /// <param name="dtype">Their type.</param>
    public static TensorStorage Of(SafetensorsDtype dtype) => new() { Dtype = dtype, Ggml = GgmlTypes.Of(dtype) };

    /// <summary>
    /// Values packed into a format; plain values where the format's bytes are those of a plain type, as any reader knows these.
    /// </summary>
    /// <param name="format">The format.</param>
    public static TensorStorage Of(CompressedFormat format) => PlainTypeOf(format.Info) is { } dtype ? Of(dtype) : Packed(format);

    /// <summary>
    /// The bytes that a format packs, even where they are those of a plain type: <c>pack</c> writes them so that <c>unpack</c>
    /// finds them.
    /// </summary>
    /// <param name="format">The format.</param>
    public static TensorStorage Packed(CompressedFormat format) => new() { Format = format, Ggml = GgmlTypes.Of(format.Info) };

    /// <summary>A ggml type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="catalog">The formats, of which one may decode it.</param>
    public static TensorStorage Of(GgmlType type, FormatCatalog catalog) =>
        GgmlTypes.DtypeOf(type) is { } dtype ? Of(dtype) : new() { Format = GgmlTypes.FormatOf(type, catalog), Ggml = type };

    /// <summary>Name of the type or format.</summary>
    public string Name => Dialect ?? Dtype?.Name() ?? Format?.Info.Name ?? Ggml!.Name;

    /// <summary>Whether the values can be read as numbers.</summary>
    public bool IsReadable => Format is not null || Dtype is { } dtype && dtype.IsReadable();

    /// <summary>Whether values have been rounded to a few levels already: quantising them again adds a second error.</summary>
    public bool IsQuantised => Dtype is null || Dialect is not null;

    /// <summary>Bytes that a tensor takes; null if the size of the type is not known.</summary>
    /// <param name="shape">Lengths of the dimensions, slowest first.</param>
    /// <exception cref="OverflowException">They are more than 2^63.</exception>
    public long? BytesOf(IReadOnlyList<long> shape) => BytesOf(MatrixSizes.Of(shape));

    /// <summary>Bytes that the values of a tensor take; null if the size of the type is not known.</summary>
    /// <param name="tensor">The tensor.</param>
    public long? BytesOf(ModelTensor tensor) => BytesOf(new MatrixSizes(tensor.Rows, tensor.Columns, tensor.Count));

    private long? BytesOf(MatrixSizes size)
    {
        if (Format is { } format)
        {
            return checked(format.Info.TensorHeaderBytes + size.Rows * format.Info.RowBytes(size.Columns));
        }
        if (Dtype is { } dtype)
        {
            return checked(size.Count * dtype.Bits() / 8);
        }
        return Ggml is { IsKnown: true } type ? checked(size.Count / type.Block * type.BlockBytes) : null;
    }

    /// <summary>Why a GGUF file cannot hold a tensor stored so; null if it can.</summary>
    /// <param name="shape">Lengths of the dimensions, slowest first.</param>
    public string? WhyNotGguf(IReadOnlyList<long> shape)
    {
        if (Ggml is null)
        {
            return $"{Name} is no type of ggml; a {SafetensorsFile.Extension} file holds it, or --drop REGEX leaves it out";
        }
        if (shape.Count > GgufHeader.MostDimensions)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"it has {shape.Count} dimensions; GGUF has {GgufHeader.MostDimensions} at most"
            );
        }
        long row = shape.Count == 0 ? 1 : shape[^1];
        return Ggml.IsKnown && row % Ggml.Block != 0
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"its rows have {row} values, no multiple of the {Ggml.Block} of a block of {Name}; a {SafetensorsFile.Extension} file pads them"
            )
            : null;
    }

    /// <summary>Its name.</summary>
    public override string ToString() => Name;

    /// <summary>A format without scales that is named after a plain type and has its bits stores that type, but for padded rows.</summary>
    private static SafetensorsDtype? PlainTypeOf(FormatInfo info) =>
        info is { Group: 0, RowHeaderBytes: 0, TensorHeader: null }
        && SafetensorsDtypes.TryParse(info.Name.ToUpperInvariant(), out SafetensorsDtype dtype)
        && info.BlockBytes * 8 == info.Block * dtype.Bits()
            ? dtype
            : null;
}
