using ILGPU;

namespace KernelGen.Gpu;

/// <summary>The kernel that unpacks.</summary>
public static class GpuUnpack
{
    /// <summary>Writes the weights; a thread takes a unit.</summary>
    public static void Unpack<TFormat>(
        ArrayView<U4> quads,
        ArrayView<U2> pairs,
        ArrayView<uint> words,
        ArrayView<uint> extra,
        ArrayView<float> floats,
        ArrayView<ushort> halves,
        ArrayView<byte> bytes,
        ArrayView<float> table,
        GpuShape shape,
        ArrayView<float> weights
    )
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
            GpuSource rowSource = TFormat.OfRow(source, shape, row);
            // what is not kept is zero, for any scale
            GpuUnit own = GpuUnit.Masked(
                TFormat.Weights(TFormat.Decode(rowSource, shape, unit), TFormat.Scales(rowSource, shape, unit)),
                TFormat.Kept(rowSource, shape, unit)
            );
            own = GpuOutlierList.Apply<TFormat>(own, source, shape, row, unit);
            Store(weights, at, left, own.A);
            Store(weights, at + 4, left - 4, own.B);
            Store(weights, at + 8, left - 8, own.C);
            Store(weights, at + 12, left - 12, own.D);
            Store(weights, at + 16, left - 16, own.E);
            Store(weights, at + 20, left - 20, own.F);
            Store(weights, at + 24, left - 24, own.G);
            Store(weights, at + 28, left - 28, own.H);
        }
    }

    /// <summary>Writes up to four weights.</summary>
    private static void Store(ArrayView<float> weights, long at, int left, F4 values)
    {
        if (left > 0)
        {
            weights[at] = values.X;
        }
        if (left > 1)
        {
            weights[at + 1] = values.Y;
        }
        if (left > 2)
        {
            weights[at + 2] = values.Z;
        }
        if (left > 3)
        {
            weights[at + 3] = values.W;
        }
    }
}
