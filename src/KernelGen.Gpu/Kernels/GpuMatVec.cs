using ILGPU;

namespace KernelGen.Gpu;

/// <summary>
/// The matvec kernels: a warp takes a row, a lane a unit at a time. They differ in how the lanes' sums meet: by shuffles, or in
/// shared memory for OpenCL and for warps that are not 32 wide.
/// </summary>
/// <remarks>Both copy the table: what waits for other threads has to be in the kernel itself.</remarks>
public static class GpuMatVec
{
    /// <summary>One to four activation vectors; shuffles add the lanes.</summary>
    public static void Shuffle<TFormat, TBatch>(
        ArrayView<U4> quads,
        ArrayView<U2> pairs,
        ArrayView<uint> words,
        ArrayView<uint> extra,
        ArrayView<float> floats,
        ArrayView<ushort> halves,
        ArrayView<byte> bytes,
        ArrayView<float> table,
        GpuShape shape,
        ArrayView<F4> x,
        ArrayView<float> y
    )
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
        F4 sums = Add<TFormat, TBatch>(source, shape, x, row, lane);
        float sum0 = sums.X,
            sum1 = sums.Y,
            sum2 = sums.Z,
            sum3 = sums.W;
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
        ArrayView<U4> quads,
        ArrayView<U2> pairs,
        ArrayView<uint> words,
        ArrayView<uint> extra,
        ArrayView<float> floats,
        ArrayView<ushort> halves,
        ArrayView<byte> bytes,
        ArrayView<float> table,
        GpuShape shape,
        ArrayView<F4> x,
        ArrayView<float> y
    )
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
        F4 sums = Add<TFormat, TBatch>(source, shape, x, row, lane);
        ArrayView<F4> partial = SharedMemory.Allocate<F4>(GpuKernels.GroupSize);
        partial[Group.IdxX] = sums;
        Group.Barrier();
        if (lane < TBatch.Count && row < shape.Rows)
        {
            // the first lanes take a vector each: one barrier, where halving would take five
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

    /// <summary>A lane's units of a row times each activation vector.</summary>
    private static F4 Add<TFormat, TBatch>(GpuSource source, GpuShape shape, ArrayView<F4> x, int row, int lane)
        where TFormat : struct, IGpuFormat
        where TBatch : struct, IGpuBatch
    {
        F4 sums = F4.Of(0f, 0f, 0f, 0f);
        if (row < shape.Rows)
        {
            GpuSource own = TFormat.OfRow(source, shape, row);
            int at = lane; // as GpuShape.XIndex has it
            for (int unit = lane; unit < shape.Units; unit += 32)
            {
                sums = AddUnit<TFormat, TBatch>(sums, own, shape, x, unit, at);
                at += 256;
            }
        }
        return sums;
    }

    /// <summary>Adds a unit times each activation vector.</summary>
    private static F4 AddUnit<TFormat, TBatch>(F4 sums, GpuSource source, GpuShape shape, ArrayView<F4> x, int unit, int at)
        where TFormat : struct, IGpuFormat
        where TBatch : struct, IGpuBatch
    {
        GpuUnit levels = TFormat.DecodeToSum(source, shape, unit);
        GpuScales scales = TFormat.Scales(source, shape, unit);
        sums.X += TFormat.Dot(levels, scales, GpuUnit.Load(x, at));
        if (TBatch.Count > 1)
        {
            sums.Y += TFormat.Dot(levels, scales, GpuUnit.Load(x, at + shape.XStride));
        }
        if (TBatch.Count > 2)
        {
            sums.Z += TFormat.Dot(levels, scales, GpuUnit.Load(x, at + 2 * shape.XStride));
        }
        if (TBatch.Count > 3)
        {
            sums.W += TFormat.Dot(levels, scales, GpuUnit.Load(x, at + 3 * shape.XStride));
        }
        return TFormat.HasOutliers ? AddOutliers<TFormat, TBatch>(sums, source, shape, x, source.Row, unit) : sums;
    }

    /// <summary>Adds a unit's outliers times each activation vector; where one replaces a weight, that is coded as zero.</summary>
    private static F4 AddOutliers<TFormat, TBatch>(F4 sums, GpuSource source, GpuShape shape, ArrayView<F4> x, int row, int unit)
        where TFormat : struct, IGpuFormat
        where TBatch : struct, IGpuBatch
    {
        GpuOutlierList list = GpuOutlierList.Of(source, shape, row, unit);
        for (long i = list.First; i < list.End; i++)
        {
            uint entry = source.Extra[i];
            int place = GpuOutlierList.Place(entry, unit);
            if (place >= 0 && place < GpuShape.Unit)
            {
                sums = AddOutlier<TBatch>(
                    sums,
                    TFormat.Outlier(entry),
                    shape,
                    x.Cast<float>(),
                    (GpuShape.XIndex(unit) + (place >> 2) * 32) * 4L + (place & 3)
                );
            }
        }
        return sums;
    }

    private static F4 AddOutlier<TBatch>(F4 sums, float value, GpuShape shape, ArrayView<float> x, long at)
        where TBatch : struct, IGpuBatch
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

    private static void Store<TBatch>(ArrayView<float> y, GpuShape shape, int row, F4 sums)
        where TBatch : struct, IGpuBatch
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
