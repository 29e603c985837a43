using System.Buffers;
using System.ComponentModel;
using System.Numerics;
using System.Runtime.InteropServices;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// The outliers of whole rows: the values of largest magnitude of a row, in 16 bits, in front of the row's blocks, which code the rest
/// with zeros in their places. What is stored of an outlier is what the blocks leave of it, so that a row is the sum of
/// its blocks and its outliers, and so is every product with it; blocks that decode zeros to zeros leave all of it.
/// </summary>
/// <remarks>
/// Stored for k outliers of n columns (n being whole blocks): k values of 16 bits; for each, the place within its 256 columns in a
/// byte; and k ones among ⌈n/256⌉ zeros, from the low bits up: a one for every outlier of the first 256 columns, a zero, those of
/// the next 256, a zero… (the code of Elias and Fano for ascending numbers). 25 bits an outlier, 1/256 bit a weight.
/// </remarks>
/// <param name="fraction">Share of the columns that are outliers, above 0 and at most ½.</param>
/// <param name="type">Float16 (saturates at 65504) or BFloat16.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class RowOutliers(double fraction, ScaleType type)
{
    private const int Span = 256;

    /// <summary>Share of the columns that are outliers.</summary>
    public double Fraction { get; } = fraction;

    /// <summary>Type of the stored values.</summary>
    public ScaleType Type { get; } = type;

    /// <summary>Bits per weight of long rows.</summary>
    public double BitsPerWeight => Fraction * (16 + 8 + 1) + 1.0 / Span;

    /// <summary>
    /// Outliers of a row: fraction · columns, rounded up. Rows shorter than their blocks may have fewer values than that.
    /// </summary>
    /// <param name="columns">Columns of the row, whole blocks.</param>
    public long Count(long columns) => (long)Math.Ceiling(Fraction * columns);

    /// <summary>Bytes in front of the blocks of a row.</summary>
    /// <param name="columns">Columns of the row, whole blocks.</param>
    public long Bytes(long columns) => 3 * Count(columns) + (Bits(columns) + 7) / 8;

    /// <summary>
    /// Chooses the outliers of a row, stores their places, and leaves zeros there. Of equal magnitudes those further left go first.
    /// </summary>
    /// <param name="row">Finite values of the row.</param>
    /// <param name="columns">Columns with those that fill the last block.</param>
    /// <param name="section">Receives <see cref="Bytes"/> bytes; values follow by <see cref="Store"/>.</param>
    internal void Extract(Span<float> row, int columns, Span<byte> section)
    {
        int count = (int)Count(columns),
            chosen = Math.Min(count, row.Length),
            next = 0;
        section[..(int)Bytes(columns)].Clear();
        Span<byte> places = section.Slice(2 * count, count),
            ones = section[(3 * count)..];
        byte[] rented = ArrayPool<byte>.Shared.Rent(SparseBitmap.Bytes(row.Length));
        SparseBitmap.Select(row, chosen, rented);
        for (int at = 0; at < SparseBitmap.Bytes(row.Length); at++)
        {
            for (uint marks = rented[at]; marks != 0; marks &= marks - 1)
            {
                int column = 8 * at + BitOperations.TrailingZeroCount(marks),
                    bit = next + column / Span;
                places[next++] = (byte)(column % Span);
                ones[bit >> 3] |= (byte)(1 << (bit & 7));
                row[column] = 0f;
            }
        }
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Stores what the blocks leave of the outliers.</summary>
    /// <param name="row">The row.</param>
    /// <param name="decoded">What its blocks decode to.</param>
    /// <param name="columns">Columns with those that fill the last block.</param>
    /// <param name="section">The section that <see cref="Extract"/> began.</param>
    internal void Store(ReadOnlySpan<float> row, ReadOnlySpan<float> decoded, int columns, Span<byte> section)
    {
        var places = new Places(section, (int)Count(columns), Bits(columns));
        while (places.MoveNext())
        {
            ScaleCodec.Write(Type, row[places.Column] - decoded[places.Column], section[(2 * places.Index)..]);
        }
    }

    /// <summary>Adds outliers to a part of a row; places outside of it are passed over.</summary>
    /// <param name="section">The row's section.</param>
    /// <param name="columns">Columns with those that fill the last block.</param>
    /// <param name="first">First column of the part.</param>
    /// <param name="weights">The part as its blocks decode.</param>
    internal void Add(ReadOnlySpan<byte> section, int columns, int first, Span<float> weights)
    {
        var places = new Places(section, (int)Count(columns), Bits(columns));
        while (places.MoveNext() && places.Column < first + weights.Length)
        {
            if (places.Column >= first)
            {
                weights[places.Column - first] += ScaleCodec.Read(Type, section[(2 * places.Index)..]);
            }
        }
    }

    /// <summary>Reads the outliers of a row, in the order in which they are added.</summary>
    /// <param name="section">The row's section.</param>
    /// <param name="columns">Columns with those that fill the last block.</param>
    /// <param name="places">Receives their columns, <see cref="Count"/> at most.</param>
    /// <param name="values">Receives the bits of their values.</param>
    /// <returns>How many there are.</returns>
    public int Read(ReadOnlySpan<byte> section, int columns, Span<int> places, Span<ushort> values)
    {
        int found = 0;
        for (var next = new Places(section, (int)Count(columns), Bits(columns)); next.MoveNext(); found++)
        {
            (places[found], values[found]) = (next.Column, MemoryMarshal.Read<ushort>(section[(2 * next.Index)..]));
        }
        return found;
    }

    private long Bits(long columns) => Count(columns) + (columns + Span - 1) / Span;

    /// <summary>
    /// The stored places, nearly in ascending order: within 256 columns as they come, which in damaged bytes is any order.
    /// </summary>
    private ref struct Places(ReadOnlySpan<byte> section, int count, long bits)
    {
        private readonly ReadOnlySpan<byte> _places = section.Slice(2 * count, count),
            _ones = section[(3 * count)..];
        private long _bit = -1;

        /// <summary>Which outlier.</summary>
        public int Index { get; private set; } = -1;

        /// <summary>Its column.</summary>
        public int Column { get; private set; }

        public bool MoveNext()
        {
            if (++Index >= _places.Length)
            {
                return false;
            }
            do
            {
                if (++_bit >= bits)
                {
                    return false;
                }
            } while ((_ones[(int)(_bit >> 3)] >> (int)(_bit & 7) & 1) == 0);
            Column = (int)((_bit - Index) * Span) + _places[Index];
            return true;
        }
    }
}
