using System.Runtime.InteropServices;

namespace KernelGen.Models;

/// <summary>
/// A tensor that a quantised checkpoint stores in several parts, as a source of its values in float32: whoever reads it need not know
/// the parts. Nothing is kept in memory but what a dialect needs for all rows. Safe from several threads.
/// </summary>
internal abstract class DecodedTensor(ModelTensor codes, long rows, int columns) : ByteSource(codes.File)
{
    private readonly int _rowBytes = checked(columns * sizeof(float));

    public override long Length { get; } = checked(rows * columns * sizeof(float));

    /// <summary>The part that holds the codes.</summary>
    protected ModelTensor Codes { get; } = codes;

    protected long Rows { get; } = rows;

    protected int Columns { get; } = columns;

    public override void RequireUnchanged() => Codes.Source.RequireUnchanged();

    /// <summary>The files belong to the model that was opened.</summary>
    public override void Dispose() { }

    /// <summary>Decodes whole rows.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="values">Receives <c>count × columns</c> values.</param>
    protected abstract void Decode(long first, int count, Span<float> values);

    protected override int Read(Span<byte> bytes, long offset)
    {
        if (offset >= Length)
        {
            return 0;
        }
        (long row, long skipped) = Math.DivRem(offset, _rowBytes);
        int count = skipped == 0 ? bytes.Length / _rowBytes : 0;
        if (count == 0)
        {
            var one = new float[Columns];
            Decode(row, 1, one);
            RawFloatFile.LittleEndian(one);
            ReadOnlySpan<byte> left = MemoryMarshal.AsBytes(one.AsSpan())[(int)skipped..];
            int length = Math.Min(left.Length, bytes.Length);
            left[..length].CopyTo(bytes);
            return length;
        }
        Span<float> values = MemoryMarshal.Cast<byte, float>(bytes[..(count * _rowBytes)]);
        Decode(row, count, values);
        RawFloatFile.LittleEndian(values);
        return count * _rowBytes;
    }
}
