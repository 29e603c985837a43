namespace KernelGen.Bench;

/// <summary>What one thread does with a format while everything stays in a cache.</summary>
/// <param name="Pack">Packing.</param>
/// <param name="Unpack">Unpacking.</param>
/// <param name="MatVec">Multiplications and additions a second of a <see cref="CompressedMatrix.MatVec"/>, rows repacked where that is
/// faster.</param>
/// <param name="Packed">The same where rows may not be repacked.</param>
/// <param name="Integer">The same with activations rounded to bytes; null where levels are not integers times a step.</param>
internal readonly record struct FormatSpeed(CodingSpeed Pack, CodingSpeed Unpack, double MatVec, double Packed, double? Integer)
{
    /// <summary>Rows and columns of the matrix of the matvec.</summary>
    public const int Size = 1024;

    /// <summary>Rows that are packed and unpacked at a time.</summary>
    private const int FewRows = 16;

    /// <summary>So long is each of them measured; the third fastest call counts, because others take turns on the machine.</summary>
    private const double Seconds = 0.3;

    /// <summary>Measures one format.</summary>
    /// <param name="format">The format.</param>
    /// <param name="library">ggml, whose packing and unpacking are measured in turn with ours, or null.</param>
    /// <param name="cancellation">Looked at between calls.</param>
    public static FormatSpeed Of(CompressedFormat format, GgmlLibrary? library, CancellationToken cancellation)
    {
        float[] weights = UniformValues.Of(Size * Size, 0),
            x = UniformValues.Of(Size, 1),
            y = new float[Size],
            decoded = new float[FewRows * Size];
        int rows = format.Info.CandidatesPerWeight > 100 ? 1 : FewRows; // a trellis takes milliseconds for a row
        byte[] few = new byte[format.Info.PackedBytes(rows, Size)];
        GgmlCoding? peer = GgmlCoding.Of(library, format, Size);
        byte[] theirs = new byte[few.Length];
        float[] theirDecoded = new float[decoded.Length];
        CodingSpeed pack = CodingSpeed.Of(
            () => format.Pack(weights, rows, Size, few, Parallelism.Single),
            [.. peer?.Encoders.Select(encode => (Action)(() => encode(weights, theirs, rows * Size))) ?? []],
            rows * Size,
            cancellation
        );
        CodingSpeed unpack = CodingSpeed.Of(
            () => format.Unpack(few, rows, Size, decoded, Parallelism.Single),
            peer?.Decoder is { } decode ? [() => decode(few, theirDecoded, rows * Size)] : [],
            rows * Size,
            cancellation
        );
        byte[] packed = Repeated(format, few, rows);
        CompressedMatrix matrix = format.Matrix(packed, Size, Size),
            asPacked = format.Matrix(packed, Size, Size);
        asPacked.Repacks = false;
        double Operations(CompressedMatrix one, MatVecPrecision precision) =>
            2.0 * Size * Size / FastestCall.Seconds(() => one.MatMul(x, 1, y, precision, Parallelism.Single), Seconds, cancellation);
        return new(
            pack,
            unpack,
            Operations(matrix, MatVecPrecision.Float),
            Operations(asPacked, MatVecPrecision.Float),
            matrix.HasIntegerKernels ? Operations(matrix, MatVecPrecision.Int8) : null
        );
    }

    /// <summary>Seconds of a matvec of one thread, rows repacked where that is faster.</summary>
    /// <param name="format">The format.</param>
    /// <param name="precision">Precision of activations.</param>
    /// <param name="seconds">How long calls go on.</param>
    /// <param name="cancellation">Looked at between calls.</param>
    public static double MatVecSeconds(CompressedFormat format, MatVecPrecision precision, double seconds, CancellationToken cancellation)
    {
        byte[] row = new byte[format.Info.PackedBytes(1, Size)];
        format.Pack(UniformValues.Of(Size, 0), 1, Size, row, Parallelism.Single);
        CompressedMatrix matrix = format.Matrix(Repeated(format, row, 1), Size, Size);
        float[] x = UniformValues.Of(Size, 1),
            y = new float[Size];
        return FastestCall.Seconds(() => matrix.MatMul(x, 1, y, precision, Parallelism.Single), seconds, cancellation);
    }

    /// <summary>A matrix of a few packed rows again and again: the speed of a product does not depend on the values.</summary>
    private static byte[] Repeated(CompressedFormat format, byte[] few, int rows)
    {
        int header = format.Info.TensorHeaderBytes,
            rowBytes = format.Info.RowBytes(Size);
        byte[] packed = new byte[format.Info.PackedBytes(Size, Size)];
        few.AsSpan(0, header).CopyTo(packed);
        for (int row = 0; row < Size; row++)
        {
            few.AsSpan(header + row % rows * rowBytes, rowBytes).CopyTo(packed.AsSpan(header + row * rowBytes));
        }
        return packed;
    }
}
