using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Products;

/// <summary>
/// A repacked trellis: windows of the bits in words of 32 bits, one for each of 16 rows, from each of which the states of eight or
/// four weights are shifted out. States overlap, so words hold bits twice: 4 bits a weight at rates of 2 bits and 8 above.
/// </summary>
internal sealed class TrellisMatrix : InterleavedMatrix
{
    /// <summary>Weights of a row that are computed side by side; a divisor of the steps of a word.</summary>
    private const int Unrolled = 4;

    private readonly TrellisSpec _spec;
    private readonly uint[] _words,
        _shifts;
    private readonly float[] _scales;
    private readonly int _steps;

    /// <summary>Repacks a matrix.</summary>
    /// <param name="spec">The trellis.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="rowBytes">Bytes of a packed row.</param>
    /// <param name="packed">Packed rows.</param>
    /// <param name="block">Where the parts of a packed block lie.</param>
    public TrellisMatrix(in TrellisSpec spec, int rows, int columns, int rowBytes, ReadOnlySpan<byte> packed, ScaledBlock block)
        : base(rows, columns, spec.BlockLength)
    {
        _spec = spec;
        _steps = StepsOfWord(spec);
        _words = new uint[checked(Blocks * Groups * (Group / _steps) * BlockRows)];
        _scales = new float[Blocks * Groups * BlockRows];
        _shifts = new uint[16];
        for (int step = 0; step < 16; step++)
        {
            _shifts[step] = (uint)(spec.Offset(step) - spec.Offset(step / _steps * _steps));
        }
        int blockBytes = rowBytes / Groups,
            bytes = spec.BlockBytes;
        Span<byte> ring = new byte[bytes + sizeof(ulong)];
        for (int r = 0; r < rows; r++)
        {
            for (int g = 0; g < Groups; g++)
            {
                ReadOnlySpan<byte> source = packed.Slice(r * rowBytes + g * blockBytes, blockBytes);
                for (int i = 0; i < ring.Length; i++)
                {
                    ring[i] = source[block.CodesOffset + i % bytes];
                }
                int at = r / BlockRows * Groups + g,
                    row = r % BlockRows;
                _scales[at * BlockRows + row] = ScaleCodec.Read(block.Scale, source[block.ScaleOffset..]);
                for (int word = 0; word < Group / _steps; word++)
                {
                    int bit = spec.Offset(word * _steps);
                    _words[(at * (Group / _steps) + word) * BlockRows + row] = (uint)(
                        BinaryPrimitives.ReadUInt64LittleEndian(ring[(bit >> 3)..]) >> (bit & 7)
                    );
                }
            }
        }
    }

    private TrellisMatrix(TrellisMatrix other)
        : base(other.Rows, other.Columns, other.Group) =>
        (_spec, _steps, _shifts, _words, _scales) = (other._spec, other._steps, other._shifts, [.. other._words], [.. other._scales]);

    public override long Bytes => 4L * (_words.Length + _scales.Length);

    internal override int MostFloatVectors => 4;

    protected override void Multiply(int first, int count, ReadOnlySpan<float> x, Span<float> sums)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Multiply<Simd512>(first, count, x, sums);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Multiply<Simd256>(first, count, x, sums);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Multiply<Simd128>(first, count, x, sums);
        }
        else
        {
            Multiply<Simd32>(first, count, x, sums);
        }
    }

    /// <summary>Weights that one word has the states of.</summary>
    private static int StepsOfWord(in TrellisSpec spec)
    {
        int steps = 8;
        while (((steps - 1) * spec.BitsPer16 + 15) / 16 + spec.StateBits > 32)
        {
            steps /= 2;
        }
        return steps;
    }

    private void Multiply<T>(int first, int count, ReadOnlySpan<float> x, Span<float> sums)
        where T : struct, ISimd<T>
    {
        for (int block = 0; block < count; block++)
        {
            for (int part = 0; part < BlockRows; part += T.Count)
            {
                Dot<T>(first + block, part, ref MemoryMarshal.GetReference(x), ref sums[block * BlockRows + part]);
            }
        }
    }

    /// <summary>Some rows of a block times a vector: the value of a state is computed as it is multiplied.</summary>
    private void Dot<T>(int block, int part, ref float x, ref float sums)
        where T : struct, ISimd<T>
    {
        (T a, T b, T half, T top, int h) = TrellisCode.Lanes<T>(_spec.StateBits);
        int groups = Groups,
            group = Group,
            steps = _steps,
            last = _steps - Unrolled;
        ref uint words = ref _words[block * groups * (group / steps) * BlockRows + part],
            shifts = ref MemoryMarshal.GetArrayDataReference(_shifts);
        ref float scales = ref _scales[block * groups * BlockRows + part];
        T sum = T.Float(0f);
        for (int g = 0; g < groups; g++)
        {
            T s0 = T.Float(0f),
                s1 = T.Float(0f),
                s2 = T.Float(0f),
                s3 = T.Float(0f);
            for (int step = 0; step < group; step += Unrolled)
            {
                T word = T.Load(ref words, 0);
                ref uint shift = ref Unsafe.Add(ref shifts, step & 15);
                s0 = T.Fused(TrellisCode.Values(T.ShiftRight(word, T.Int(shift)), a, b, half, top, h), T.Float(x), s0);
                s1 = T.Fused(
                    TrellisCode.Values(T.ShiftRight(word, T.Int(Unsafe.Add(ref shift, 1))), a, b, half, top, h),
                    T.Float(Unsafe.Add(ref x, 1)),
                    s1
                );
                s2 = T.Fused(
                    TrellisCode.Values(T.ShiftRight(word, T.Int(Unsafe.Add(ref shift, 2))), a, b, half, top, h),
                    T.Float(Unsafe.Add(ref x, 2)),
                    s2
                );
                s3 = T.Fused(
                    TrellisCode.Values(T.ShiftRight(word, T.Int(Unsafe.Add(ref shift, 3))), a, b, half, top, h),
                    T.Float(Unsafe.Add(ref x, 3)),
                    s3
                );
                x = ref Unsafe.Add(ref x, Unrolled);
                words = ref Unsafe.Add(ref words, (step & last) == last ? BlockRows : 0);
            }
            sum = T.Fused(T.Add(T.Add(s0, s1), T.Add(s2, s3)), T.Load(ref scales, 0), sum);
            scales = ref Unsafe.Add(ref scales, BlockRows);
        }
        T.Store(sum, ref sums, 0);
    }
}
