using System.Numerics;

namespace KernelGen.Models;

/// <summary>
/// Looks at what packing loses while it goes on, at little cost. Faults of range depend on the magnitude of groups alone, so strips of
/// rows are decoded again where their magnitudes are beyond those already looked at in the chunk, and the first of each chunk. One for
/// each thread.
/// </summary>
internal sealed class LossWatch
{
    /// <summary>How far beyond what was looked at magnitudes are believed to behave the same.</summary>
    private const float Margin = 1.25f;

    /// <summary>Values of which the largest of each vector lane makes one magnitude.</summary>
    private const int Run = 128;

    private float[] _decoded = [];
    private float _low,
        _high;

    /// <summary>What was lost of the chunk so far, over the strips that were looked at.</summary>
    public PackingLoss Loss { get; private set; }

    /// <summary>Begins a chunk.</summary>
    public void Begin() => (Loss, _low, _high) = (default, float.PositiveInfinity, 0);

    /// <summary>Looks at packed rows, or passes them over.</summary>
    public void Look(CompressedFormat format, ReadOnlySpan<float> values, int rows, float scale, ReadOnlySpan<byte> packed)
    {
        if (IsNew(values))
        {
            Span<float> decoded = Room(values.Length);
            format.UnpackRows(packed, rows, values.Length / rows, scale, decoded);
            Loss += PackingLoss.Of(values, decoded, values.Length / rows, format.Info);
        }
    }

    /// <summary>Looks at rows of plain values, or passes them over.</summary>
    public void Look(SafetensorsDtype dtype, ReadOnlySpan<float> values, int rows, ReadOnlySpan<byte> stored)
    {
        if (dtype.IsReadable() && IsNew(values))
        {
            Span<float> decoded = Room(values.Length);
            SafetensorsValues.ToSingles(dtype, stored, decoded);
            Loss += PackingLoss.Of(values, decoded, values.Length / rows, info: null);
        }
    }

    /// <summary>The least, of those that are not 0, and the largest magnitude of short runs.</summary>
    public static (float Low, float High) Magnitudes(ReadOnlySpan<float> values)
    {
        Vector<float> low = new(float.PositiveInfinity),
            high = Vector<float>.Zero;
        int start = 0;
        for (; start + Run <= values.Length; start += Run)
        {
            Vector<float> most = Vector<float>.Zero;
            for (int i = 0; i < Run; i += Vector<float>.Count)
            {
                most = Vector.Max(most, Vector.Abs(new Vector<float>(values[(start + i)..])));
            }
            high = Vector.Max(high, most);
            Vector<int> empty = Vector.Equals(most, Vector<float>.Zero);
            low = Vector.Min(low, Vector.ConditionalSelect(empty, new(float.PositiveInfinity), most));
        }
        float least = float.PositiveInfinity,
            largest = 0;
        for (int i = 0; i < Vector<float>.Count; i++)
        {
            (least, largest) = (Math.Min(least, low[i]), Math.Max(largest, high[i]));
        }
        float rest = 0;
        foreach (float value in values[start..])
        {
            rest = Math.Max(rest, Math.Abs(value));
        }
        return (rest > 0 ? Math.Min(least, rest) : least, Math.Max(largest, rest));
    }

    private bool IsNew(ReadOnlySpan<float> values)
    {
        (float low, float high) = Magnitudes(values);
        if (high == 0 || low * Margin >= _low && high <= _high * Margin)
        {
            return false;
        }
        (_low, _high) = (Math.Min(_low, low), Math.Max(_high, high));
        return true;
    }

    private Span<float> Room(int length)
    {
        _decoded = _decoded.Length < length ? new float[length] : _decoded;
        return _decoded.AsSpan(0, length);
    }
}
