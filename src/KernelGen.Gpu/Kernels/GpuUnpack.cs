using ILGPU;

namespace KernelGen.Gpu;

/// <summary>The kernel that unpacks.</summary>
public static class GpuUnpack
{
    /// <summary>Writes the weights; a thread takes a unit.</summary>
    public static void Unpack<TFormat>(
        ArrayView<U4> quads, ArrayView<U2> pairs, ArrayView<uint> words, ArrayView<uint> extra, ArrayView<float> floats, ArrayView<ushort> halves,
        ArrayView<byte> bytes, ArrayView<float> table, GpuShape shape, ArrayView<float> weights)
        where TFormat : struct, IGpuFormat
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
        long id = (long)Grid.IdxX * Group.DimX + Group.IdxX;
        if (id < (long)shape.Rows * shape.Units)
        {
            int row = (int)(id / shape.Units);
            int unit = (int)(id - (long)row * shape.Units);
            int column = unit * GpuShape.Unit;
            long at = (long)row * shape.Columns + column;
            int left = shape.Columns - column;
            GpuUnit all = TFormat.Weights(TFormat.Decode(source, shape, row, unit), TFormat.Scales(source, shape, row, unit));
            uint kept = TFormat.Kept(source, shape, row, unit);
            Store(weights, at, left, kept, all.A);
            Store(weights, at + 4, left - 4, kept >> 4, all.B);
            Store(weights, at + 8, left - 8, kept >> 8, all.C);
            Store(weights, at + 12, left - 12, kept >> 12, all.D);
            Store(weights, at + 16, left - 16, kept >> 16, all.E);
            Store(weights, at + 20, left - 20, kept >> 20, all.F);
            Store(weights, at + 24, left - 24, kept >> 24, all.G);
            Store(weights, at + 28, left - 28, kept >> 28, all.H);
            long outliers = ((long)row * shape.Blocks + unit / TFormat.UnitsPerBlock) * TFormat.OutliersPerBlock;
            for (int i = 0; i < TFormat.OutliersPerBlock; i++)
            {
                uint entry = extra[outliers + i];
                int place = (int)(entry >> 16) - unit % TFormat.UnitsPerBlock * GpuShape.Unit;
                if (place >= 0 && place < GpuShape.Unit && place < left)
                {
                    weights[at + place] = TFormat.Outlier(entry);
                }
            }
        }
    }

    /// <summary>Writes up to four weights; what is not kept is zero, whatever the scale is.</summary>
    private static void Store(ArrayView<float> weights, long at, int left, uint kept, F4 values)
    {
        if (left > 0)
        {
            weights[at] = (kept & 1u) != 0u ? values.X : 0f;
        }
        if (left > 1)
        {
            weights[at + 1] = (kept & 2u) != 0u ? values.Y : 0f;
        }
        if (left > 2)
        {
            weights[at + 2] = (kept & 4u) != 0u ? values.Z : 0f;
        }
        if (left > 3)
        {
            weights[at + 3] = (kept & 8u) != 0u ? values.W : 0f;
        }
    }
}
