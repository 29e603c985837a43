using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KernelGen;

/// <summary>
/// Activation vectors as signed bytes in groups of 32: <c>x ≈ scale · code</c>, with max|x| on 127 as ggml does; or as two
/// such digits, <c>x ≈ scale · (255 · high + low)</c>, which keep about 15 bits. Buffers are kept between calls.
/// </summary>
internal sealed class Int8Activations
{
    /// <summary>Activations per scale.</summary>
    public const int Group = 32;

    private sbyte[] _codes = [];
    private float[] _scales = [];
    private int[] _sums = [];

    private int _slices;

    /// <summary>Groups of one vector; the last one is padded with zeros.</summary>
    public int Groups { get; private set; }

    /// <summary>Vectors held; two for each activation vector in two digits.</summary>
    public int Vectors { get; private set; }

    /// <summary>One vector.</summary>
    public Int8Vector this[int vector] => new(
        _codes.AsSpan(vector * Groups * Group, Groups * Group), _scales.AsSpan(vector * Groups, Groups), _sums.AsSpan(vector * _slices, _slices));

    /// <summary>Quantises vectors.</summary>
    /// <param name="x"><c>batch × columns</c> activations.</param>
    /// <param name="batch">Number of vectors.</param>
    /// <param name="columns">Length of a vector.</param>
    /// <param name="twoDigits">Whether each vector becomes two: high digits, then low digits.</param>
    /// <param name="sliceColumns">Columns of the weights' slices, over which codes are summed: 32 or 16.</param>
    public void Quantise(ReadOnlySpan<float> x, int batch, int columns, bool twoDigits, int sliceColumns)
    {
        Groups = (columns + Group - 1) / Group;
        Vectors = twoDigits ? 2 * batch : batch;
        _slices = Groups * (Group / sliceColumns);
        Reserve();
        Span<float> padded = stackalloc float[Group];
        for (int b = 0; b < batch; b++)
        {
            ReadOnlySpan<float> vector = x.Slice(b * columns, columns);
            for (int g = 0; g < Groups; g++)
            {
                scoped ReadOnlySpan<float> group = vector[(g * Group)..Math.Min(columns, (g + 1) * Group)];
                if (group.Length < Group)
                {
                    padded.Clear();
                    group.CopyTo(padded);
                    group = padded;
                }
                if (twoDigits)
                {
                    QuantiseTwo(group, 2 * b * Groups + g, (2 * b + 1) * Groups + g);
                }
                else
                {
                    QuantiseOne(group, b * Groups + g);
                }
            }
        }
        Sum(sliceColumns);
    }

    private void Reserve()
    {
        int groups = Vectors * Groups;
        if (_scales.Length < groups)
        {
            _codes = new sbyte[groups * Group];
            _scales = new float[groups];
        }
        if (_sums.Length < Vectors * _slices)
        {
            _sums = new int[Vectors * _slices];
        }
    }

    private void QuantiseOne(ReadOnlySpan<float> group, int at)
    {
        float scale = BitConverter.UInt32BitsToSingle(GroupMath.MagnitudeBits(group)) / 127f;
        _scales[at] = scale;
        Round(group, ScaleCodec.Reciprocal(scale), _codes.AsSpan(at * Group, Group));
    }

    private static void Round(ReadOnlySpan<float> group, float inverse, Span<sbyte> codes)
    {
        ref float values = ref MemoryMarshal.GetReference(group);
        ref byte target = ref Unsafe.As<sbyte, byte>(ref MemoryMarshal.GetReference(codes));
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<float> factor = Vector512.Create(inverse);
            Vector512<int> a = Vector512.ConvertToInt32Native(Vector512.Round(Vector512.LoadUnsafe(ref values) * factor));
            Vector512<int> b = Vector512.ConvertToInt32Native(Vector512.Round(Vector512.LoadUnsafe(ref values, 16) * factor));
            Lanes512.StoreBytes(a, ref target, 0);
            Lanes512.StoreBytes(b, ref target, 16);
            return;
        }
        if (Vector128.IsHardwareAccelerated)
        {
            Vector128<float> factor = Vector128.Create(inverse);
            for (int i = 0; i < Group; i += 4)
            {
                Vector128<int> code = Vector128.ConvertToInt32Native(Vector128.Round(Vector128.LoadUnsafe(ref values, (nuint)i) * factor));
                Lanes128.StoreBytes(code, ref target, i);
            }
            return;
        }
        for (int i = 0; i < Group; i++)
        {
            codes[i] = (sbyte)MathF.Round(group[i] * inverse);
        }
    }

    private void Sum(int columns)
    {
        for (int slice = 0; slice < Vectors * _slices; slice++)
        {
            int sum = 0;
            foreach (sbyte code in _codes.AsSpan(slice * columns, columns))
            {
                sum += code;
            }
            _sums[slice] = sum;
        }
    }

    private void QuantiseTwo(ReadOnlySpan<float> group, int high, int low)
    {
        // 127 · 255 + 127 = 32512 is the largest number of two digits
        float scale = BitConverter.UInt32BitsToSingle(GroupMath.MagnitudeBits(group)) / 32512f;
        float inverse = ScaleCodec.Reciprocal(scale);
        Span<sbyte> highs = _codes.AsSpan(high * Group, Group), lows = _codes.AsSpan(low * Group, Group);
        for (int i = 0; i < Group; i++)
        {
            int number = (int)MathF.Round(group[i] * inverse);
            int digit = (int)MathF.Round(number * (1f / 255f));
            highs[i] = (sbyte)digit;
            lows[i] = (sbyte)(number - 255 * digit);
        }
        _scales[high] = scale * 255f;
        _scales[low] = scale;
    }
}
