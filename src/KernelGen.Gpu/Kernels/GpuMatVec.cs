using ILGPU;

namespace KernelGen.Gpu;

/// <summary>
/// The matvec kernels: a warp takes a row, a lane a unit at a time. They differ in how the lanes' sums meet: by shuffles, or in
/// shared memory for OpenCL and for warps that are not 32 wide.
/// </summary>
/// <remarks>Loops and shared memory stand in both: what waits for other threads has to stand in the kernel itself.</remarks>
public static class GpuMatVec
{
    /// <summary>One to four activation vectors; shuffles add the lanes.</summary>
    public static void Shuffle<TFormat, TBatch>(
        ArrayView<U4> quads, ArrayView<U2> pairs, ArrayView<uint> words, ArrayView<uint> extra, ArrayView<float> floats, ArrayView<ushort> halves,
        ArrayView<byte> bytes, ArrayView<float> table, GpuShape shape, ArrayView<F4> x, ArrayView<float> y)
        where TFormat : struct, IGpuFormat
        where TBatch : struct, IGpuBatch
    {
        ArrayView<float> levelTable = SharedMemory.Allocate<float>(GpuKernels.TableLevels);
        if (TFormat.TableLevels > 0)
        {
            for (int i = Group.IdxX; i < TFormat.TableLevels; i += Group.DimX)
            {
                levelTable[i] = table[i];
            }
            Group.Barrier();
        }
        var source = new GpuSource(quads, pairs, words, extra, floats, halves, bytes, table, levelTable);
        int lane = Group.IdxX % 32;
        int row = Grid.IdxX * (Group.DimX / 32) + Group.IdxX / 32;
        F4 sums = F4.Of(0f, 0f, 0f, 0f);
        if (row < shape.Rows)
        {
            for (int unit = lane; unit < shape.Units; unit += 32)
            {
                sums = AddUnit<TFormat, TBatch>(sums, source, shape, x, row, unit);
            }
        }
        float sum0 = sums.X, sum1 = sums.Y, sum2 = sums.Z, sum3 = sums.W;
        for (int distance = 16; distance > 0; distance >>= 1)
        {
            sum0 += Warp.ShuffleDown(sum0, distance);
            if (TBatch.Count > 1)
            {
                sum1 += Warp.ShuffleDown(sum1, distance);
            }
            if (TBatch.Count > 2)
            {
                sum2 += Warp.ShuffleDown(sum2, distance);
            }
            if (TBatch.Count > 3)
            {
                sum3 += Warp.ShuffleDown(sum3, distance);
            }
        }
        if (lane == 0 && row < shape.Rows)
        {
            Store<TBatch>(y, shape, row, F4.Of(sum0, sum1, sum2, sum3));
        }
    }

    /// <summary>One to four activation vectors; the lanes meet in shared memory.</summary>
    public static void Shared<TFormat, TBatch>(
        ArrayView<U4> quads, ArrayView<U2> pairs, ArrayView<uint> words, ArrayView<uint> extra, ArrayView<float> floats, ArrayView<ushort> halves,
        ArrayView<byte> bytes, ArrayView<float> table, GpuShape shape, ArrayView<F4> x, ArrayView<float> y)
        where TFormat : struct, IGpuFormat
        where TBatch : struct, IGpuBatch
    {
        ArrayView<float> levelTable = SharedMemory.Allocate<float>(GpuKernels.TableLevels);
        if (TFormat.TableLevels > 0)
        {
            for (int i = Group.IdxX; i < TFormat.TableLevels; i += Group.DimX)
            {
                levelTable[i] = table[i];
            }
            Group.Barrier();
        }
        var source = new GpuSource(quads, pairs, words, extra, floats, halves, bytes, table, levelTable);
        int lane = Group.IdxX % 32;
        int row = Grid.IdxX * (Group.DimX / 32) + Group.IdxX / 32;
        F4 sums = F4.Of(0f, 0f, 0f, 0f);
        if (row < shape.Rows)
        {
            for (int unit = lane; unit < shape.Units; unit += 32)
            {
                sums = AddUnit<TFormat, TBatch>(sums, source, shape, x, row, unit);
            }
        }
        ArrayView<F4> partial = SharedMemory.Allocate<F4>(GpuKernels.GroupSize);
        partial[Group.IdxX] = sums;
        Group.Barrier();
        for (int distance = 16; distance > 0; distance >>= 1)
        {
            if (lane < distance)
            {
                F4 own = partial[Group.IdxX];
                F4 other = partial[Group.IdxX + distance];
                partial[Group.IdxX] = F4.Of(own.X + other.X, own.Y + other.Y, own.Z + other.Z, own.W + other.W);
            }
            Group.Barrier();
        }
        if (lane == 0 && row < shape.Rows)
        {
            F4 own = partial[Group.IdxX];
            Store<TBatch>(y, shape, row, own);
        }
    }

    /// <summary>Adds a unit times each activation vector.</summary>
    private static F4 AddUnit<TFormat, TBatch>(F4 sums, GpuSource source, GpuShape shape, ArrayView<F4> x, int row, int unit)
        where TFormat : struct, IGpuFormat
        where TBatch : struct, IGpuBatch
    {
        GpuUnit levels = TFormat.Decode(source, shape, row, unit);
        GpuScales scales = TFormat.Scales(source, shape, row, unit);
        long at = GpuShape.XIndex(unit);
        sums.X += TFormat.Dot(levels, scales, GpuUnit.Load(x, at));
        if (TBatch.Count > 1)
        {
            sums.Y += TFormat.Dot(levels, scales, GpuUnit.Load(x, at + shape.XStride));
        }
        if (TBatch.Count > 2)
        {
            sums.Z += TFormat.Dot(levels, scales, GpuUnit.Load(x, at + 2L * shape.XStride));
        }
        if (TBatch.Count > 3)
        {
            sums.W += TFormat.Dot(levels, scales, GpuUnit.Load(x, at + 3L * shape.XStride));
        }
        long outliers = ((long)row * shape.Blocks + unit / TFormat.UnitsPerBlock) * TFormat.OutliersPerBlock;
        for (int i = 0; i < TFormat.OutliersPerBlock; i++)
        {
            uint entry = source.Extra[outliers + i];
            int place = (int)(entry >> 16) - unit % TFormat.UnitsPerBlock * GpuShape.Unit;
            if (place >= 0 && place < GpuShape.Unit)
            {
                sums = AddOutlier<TBatch>(sums, TFormat.Outlier(entry), shape, x.Cast<float>(), (at + (place >> 2) * 32) * 4 + (place & 3));
            }
        }
        return sums;
    }

    private static F4 AddOutlier<TBatch>(F4 sums, float value, GpuShape shape, ArrayView<float> x, long at) where TBatch : struct, IGpuBatch
    {
        long stride = 4L * shape.XStride;
        sums.X += value * x[at];
        if (TBatch.Count > 1)
        {
            sums.Y += value * x[at + stride];
        }
        if (TBatch.Count > 2)
        {
            sums.Z += value * x[at + 2 * stride];
        }
        if (TBatch.Count > 3)
        {
            sums.W += value * x[at + 3 * stride];
        }
        return sums;
    }

    private static void Store<TBatch>(ArrayView<float> y, GpuShape shape, int row, F4 sums) where TBatch : struct, IGpuBatch
    {
        y[row] = sums.X;
        if (TBatch.Count > 1)
        {
            y[(long)shape.Rows + row] = sums.Y;
        }
        if (TBatch.Count > 2)
        {
            y[2L * shape.Rows + row] = sums.Z;
        }
        if (TBatch.Count > 3)
        {
            y[3L * shape.Rows + row] = sums.W;
        }
    }
}
