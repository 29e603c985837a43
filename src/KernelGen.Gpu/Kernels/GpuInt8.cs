using ILGPU;

namespace KernelGen.Gpu;

/// <summary>
/// Products of integers: activations are signed bytes in groups of 32 with a scale each, as on the CPU
/// (<c>MatVecPrecision.Int8</c>); the sums of a group are integers and equal the CPU's.
/// </summary>
/// <remarks>
/// Order of bytes: codes of less than 8 bits are taken from words of eight neighbours, first the even ones and then the odd
/// ones, four bytes each; codes of 8 bits stay in order. Activations are stored in the same order. A vector's bytes are in records of 16:
/// the first half of a unit at (unit / 32) · 64 + unit % 32, the second 32 further. After them is a record per unit: the bits of
/// the scale, the sums of the first and the last 16 bytes, and of all.
/// </remarks>
public static class GpuInt8
{
    /// <summary>What becomes 0: 1 / <c>scale</c> would not be finite.</summary>
    private const float Smallest = 1.1754944E-38f;

    /// <summary>One to four activation vectors: a warp takes a row, a lane a unit at a time; the lanes meet in shared memory.</summary>
    public static void MatVec<TFormat, TMath, TBatch>(
        ArrayView<U4> quads,
        ArrayView<U2> pairs,
        ArrayView<uint> words,
        ArrayView<uint> extra,
        ArrayView<float> floats,
        ArrayView<ushort> halves,
        ArrayView<byte> bytes,
        ArrayView<float> table,
        GpuShape shape,
        ArrayView<U4> codes,
        ArrayView<U4> groups,
        ArrayView<float> y
    )
        where TFormat : struct, IGpuFormat
        where TMath : struct, IGpuMath
        where TBatch : struct, IGpuBatch
    {
        var source = new GpuSource(quads, pairs, words, extra, floats, halves, bytes, table, table);
        int lane = Group.IdxX % 32;
        int row = Grid.IdxX * (Group.DimX / 32) + Group.IdxX / 32;
        F4 sums = F4.Of(0f, 0f, 0f, 0f);
        if (row < shape.Rows)
        {
            GpuSource own = TFormat.OfRow(source, shape, row);
            int stride = shape.XStride / 4;
            int at = lane;
            for (int unit = lane; unit < shape.Units; unit += 32)
            {
                GpuBytes weights = TFormat.Bytes(own, shape, unit);
                GpuScales scales = TFormat.Scales(own, shape, unit);
                sums.X += Dot<TFormat, TMath>(weights, scales, codes, groups, at, unit);
                if (TBatch.Count > 1)
                {
                    sums.Y += Dot<TFormat, TMath>(weights, scales, codes, groups, at + stride, unit + stride / 2);
                }
                if (TBatch.Count > 2)
                {
                    sums.Z += Dot<TFormat, TMath>(weights, scales, codes, groups, at + 2 * stride, unit + stride);
                }
                if (TBatch.Count > 3)
                {
                    sums.W += Dot<TFormat, TMath>(weights, scales, codes, groups, at + 3 * stride, unit + 3 * stride / 2);
                }
                at += 64;
            }
        }
        ArrayView<F4> partial = SharedMemory.Allocate<F4>(GpuKernels.GroupSize);
        partial[Group.IdxX] = sums;
        Group.Barrier();
        if (lane < TBatch.Count && row < shape.Rows)
        {
            ArrayView<float> components = partial.Cast<float>();
            int first = (Group.IdxX - lane) * 4 + lane;
            float sum = 0f;
            for (int other = 0; other < 32; other++)
            {
                sum += components[first + 4 * other];
            }
            y[lane * (long)shape.Rows + row] = sum;
        }
    }

    /// <summary>Activations as bytes, with the arithmetic of the CPU; a thread takes a unit of a vector.</summary>
    /// <param name="shape">The numbers of the matrix; its batch is the number of vectors.</param>
    /// <param name="interleaved">1 for codes of less than 8 bits, else 0.</param>
    /// <param name="x">Activations in the order of <see cref="GpuShape.XIndex"/>.</param>
    /// <param name="codes">Receives the bytes.</param>
    /// <param name="groups">Receives scales and sums.</param>
    public static void Quantise<TMath>(GpuShape shape, int interleaved, ArrayView<F4> x, ArrayView<U4> codes, ArrayView<U4> groups)
        where TMath : struct, IGpuMath
    {
        int units = shape.XStride / 8;
        int id = Grid.IdxX * Group.DimX + Group.IdxX;
        int vector = id / units;
        int unit = id % units;
        if (vector < shape.Batch)
        {
            GpuUnit own = GpuUnit.Load(x.SubView(vector * (long)shape.XStride, shape.XStride), GpuShape.XIndex(unit));
            // rounded up to 12 significant bits, as Int8Quantiser does
            uint bits = Interop.FloatAsInt(GpuRuns.Largest(own) / 127f);
            float scale = Interop.IntAsFloat((IntrinsicMath.Min(bits, 0x7FFFF000u) + 0xFFFu) & 0xFFFFF000u);
            float inverse = scale >= Smallest ? 1f / scale : 0f;
            U4 low = U4.Of(
                Four<TMath>(own.A, inverse),
                Four<TMath>(own.B, inverse),
                Four<TMath>(own.C, inverse),
                Four<TMath>(own.D, inverse)
            );
            U4 high = U4.Of(
                Four<TMath>(own.E, inverse),
                Four<TMath>(own.F, inverse),
                Four<TMath>(own.G, inverse),
                Four<TMath>(own.H, inverse)
            );
            int at = vector * (shape.XStride / 4) + (unit >> 5) * 64 + (unit & 31);
            codes[at] = interleaved == 0 ? low : Interleave(low);
            codes[at + 32] = interleaved == 0 ? high : Interleave(high);
            int first = Total<TMath>(low);
            int second = Total<TMath>(high);
            groups[vector * units + unit] = U4.Of(Interop.FloatAsInt(scale), (uint)first, (uint)second, (uint)(first + second));
        }
    }

    /// <summary>A unit times a vector: two integer sums of 16 columns, scaled.</summary>
    private static float Dot<TFormat, TMath>(
        GpuBytes weights,
        GpuScales scales,
        ArrayView<U4> codes,
        ArrayView<U4> groups,
        int at,
        int group
    )
        where TFormat : struct, IGpuFormat
        where TMath : struct, IGpuMath
    {
        ArrayView<U4> own = codes.SubView(at, 33);
        U4 x = own[0];
        U4 y = own[32];
        U4 numbers = groups[group];
        float step = Interop.IntAsFloat(numbers.X);
        float offset = 0f;
        float product;
        if (TFormat.HasOneRun)
        {
            int sum = Sum<TFormat, TMath>(weights, x, y, (int)numbers.W * TFormat.IntegerLowest);
            product = scales.Low.X * step * (float)sum;
            if (TFormat.HasOffsets)
            {
                offset = scales.LowOffset.X * step * (float)(int)numbers.W;
            }
        }
        else
        {
            GpuBytes low = default;
            GpuBytes high = default;
            low.Low = weights.Low;
            high.Low = weights.High;
            int first = Sum<TFormat, TMath>(low, x, low.High, (int)numbers.Y * TFormat.IntegerLowest);
            int second = Sum<TFormat, TMath>(high, y, low.High, (int)numbers.Z * TFormat.IntegerLowest);
            product = (scales.Low.X * (float)first + scales.High.X * (float)second) * step;
            if (TFormat.HasOffsets)
            {
                offset = (scales.LowOffset.X * (float)(int)numbers.Y + scales.HighOffset.X * (float)(int)numbers.Z) * step;
            }
        }
        return product * TFormat.IntegerStep + offset;
    }

    /// <summary>Products of bytes and a sum.</summary>
    private static int Sum<TFormat, TMath>(GpuBytes weights, U4 x, U4 y, int sum)
        where TFormat : struct, IGpuFormat
        where TMath : struct, IGpuMath
    {
        int even = TMath.Dot(weights.Low.Z, x.Z, TMath.Dot(weights.Low.X, x.X, sum));
        int odd = TMath.Dot(weights.Low.W, x.W, TMath.Dot(weights.Low.Y, x.Y, 0));
        if (TFormat.HasOneRun)
        {
            even = TMath.Dot(weights.High.Z, y.Z, TMath.Dot(weights.High.X, y.X, even));
            odd = TMath.Dot(weights.High.W, y.W, TMath.Dot(weights.High.Y, y.Y, odd));
        }
        return even + (TFormat.IntegerKind == 2 ? odd >> 4 : odd);
    }

    /// <summary>Four bytes, rounded to nearest with ties to even: the low bits of 1.5 · 2²³ and the number.</summary>
    private static uint Four<TMath>(F4 values, float inverse)
        where TMath : struct, IGpuMath =>
        Byte<TMath>(values.X, inverse)
        | (Byte<TMath>(values.Y, inverse) << 8)
        | (Byte<TMath>(values.Z, inverse) << 16)
        | (Byte<TMath>(values.W, inverse) << 24);

    private static uint Byte<TMath>(float value, float inverse)
        where TMath : struct, IGpuMath => Interop.FloatAsInt(TMath.Product(value, inverse) + 12582912f) & 255u;

    private static int Total<TMath>(U4 codes)
        where TMath : struct, IGpuMath =>
        TMath.Dot(
            0x01010101u,
            codes.W,
            TMath.Dot(0x01010101u, codes.Z, TMath.Dot(0x01010101u, codes.Y, TMath.Dot(0x01010101u, codes.X, 0)))
        );

    /// <summary>Two times eight bytes, the even ones of each first.</summary>
    private static U4 Interleave(U4 codes) =>
        U4.Of(Even(codes.X, codes.Y), Even(codes.X >> 8, codes.Y >> 8), Even(codes.Z, codes.W), Even(codes.Z >> 8, codes.W >> 8));

    /// <summary>Bytes 0 and 2 of two words.</summary>
    private static uint Even(uint first, uint second) =>
        (first & 255u) | ((first >> 8) & 0xFF00u) | ((second & 255u) << 16) | ((second << 8) & 0xFF000000u);
}
