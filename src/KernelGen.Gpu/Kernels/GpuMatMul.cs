using ILGPU;

namespace KernelGen.Gpu;

/// <summary>The matmul kernel in float32.</summary>
public static class GpuMatMul
{
    /// <summary>Quadruples between the rows of a tile: eight of numbers and a spare one, so that eight lanes meet all banks.</summary>
    private const int Stride = 9;

    /// <summary>
    /// Tiles of 64 rows by 32 activation vectors: half of the threads decode a unit each into shared memory, all bring
    /// activations, then each adds up 4 rows by 4 vectors.
    /// </summary>
    public static void Tiles<TFormat>(
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
    {
        ArrayView<float> levelTable = SharedMemory.Allocate<float>(GpuKernels.TableLevels);
        ArrayView<F4> weightTile = SharedMemory.Allocate<F4>(GpuKernels.TileRows * Stride);
        ArrayView<F4> xTile = SharedMemory.Allocate<F4>(GpuKernels.TileBatch * Stride);
        if (TFormat.TableLevels > 0)
        {
            for (int i = Group.IdxX; i < TFormat.TableLevels; i += Group.DimX)
            {
                levelTable[i] = table[i];
            }
            Group.Barrier();
        }
        var source = new GpuSource(quads, pairs, words, extra, floats, halves, bytes, table, levelTable);
        int firstRow = Grid.IdxX * GpuKernels.TileRows;
        int firstVector = Grid.IdxY * GpuKernels.TileBatch;
        int row = IntrinsicMath.Min(firstRow + Group.IdxX % GpuKernels.TileRows, shape.Rows - 1);
        GpuSource ownRow = TFormat.OfRow(source, shape, row);
        int rowInTile = Group.IdxX % 16;
        int vectorInTile = Group.IdxX / 16;
        float sum00 = 0f,
            sum01 = 0f,
            sum02 = 0f,
            sum03 = 0f;
        float sum10 = 0f,
            sum11 = 0f,
            sum12 = 0f,
            sum13 = 0f;
        float sum20 = 0f,
            sum21 = 0f,
            sum22 = 0f,
            sum23 = 0f;
        float sum30 = 0f,
            sum31 = 0f,
            sum32 = 0f,
            sum33 = 0f;
        for (int unit = 0; unit < shape.Units; unit++)
        {
            if (Group.IdxX < GpuKernels.TileRows)
            {
                GpuUnit own = TFormat.Weights(TFormat.Decode(ownRow, shape, unit), TFormat.Scales(ownRow, shape, unit));
                own = GpuOutlierList.Apply<TFormat>(own, source, shape, row, unit);
                int at = Group.IdxX * Stride;
                weightTile[at] = own.A;
                weightTile[at + 1] = own.B;
                weightTile[at + 2] = own.C;
                weightTile[at + 3] = own.D;
                weightTile[at + 4] = own.E;
                weightTile[at + 5] = own.F;
                weightTile[at + 6] = own.G;
                weightTile[at + 7] = own.H;
            }
            for (int quad = Group.IdxX; quad < GpuKernels.TileBatch * 8; quad += GpuKernels.GroupSize)
            {
                int vector = IntrinsicMath.Min(firstVector + quad / 8, shape.Batch - 1);
                xTile[quad / 8 * Stride + quad % 8] = x[vector * (long)shape.XStride + GpuShape.XIndex(unit) + quad % 8 * 32];
            }
            Group.Barrier();
            for (int quad = 0; quad < 8; quad++)
            {
                F4 w0 = weightTile[rowInTile * Stride + quad];
                F4 w1 = weightTile[(rowInTile + 16) * Stride + quad];
                F4 w2 = weightTile[(rowInTile + 32) * Stride + quad];
                F4 w3 = weightTile[(rowInTile + 48) * Stride + quad];
                F4 x0 = xTile[vectorInTile * Stride + quad];
                F4 x1 = xTile[(vectorInTile + 8) * Stride + quad];
                F4 x2 = xTile[(vectorInTile + 16) * Stride + quad];
                F4 x3 = xTile[(vectorInTile + 24) * Stride + quad];
                sum00 += F4.Dot(w0, x0);
                sum01 += F4.Dot(w1, x0);
                sum02 += F4.Dot(w2, x0);
                sum03 += F4.Dot(w3, x0);
                sum10 += F4.Dot(w0, x1);
                sum11 += F4.Dot(w1, x1);
                sum12 += F4.Dot(w2, x1);
                sum13 += F4.Dot(w3, x1);
                sum20 += F4.Dot(w0, x2);
                sum21 += F4.Dot(w1, x2);
                sum22 += F4.Dot(w2, x2);
                sum23 += F4.Dot(w3, x2);
                sum30 += F4.Dot(w0, x3);
                sum31 += F4.Dot(w1, x3);
                sum32 += F4.Dot(w2, x3);
                sum33 += F4.Dot(w3, x3);
            }
            Group.Barrier();
        }
        Store(y, shape, firstRow + rowInTile, firstVector + vectorInTile, sum00);
        Store(y, shape, firstRow + rowInTile + 16, firstVector + vectorInTile, sum01);
        Store(y, shape, firstRow + rowInTile + 32, firstVector + vectorInTile, sum02);
        Store(y, shape, firstRow + rowInTile + 48, firstVector + vectorInTile, sum03);
        Store(y, shape, firstRow + rowInTile, firstVector + vectorInTile + 8, sum10);
        Store(y, shape, firstRow + rowInTile + 16, firstVector + vectorInTile + 8, sum11);
        Store(y, shape, firstRow + rowInTile + 32, firstVector + vectorInTile + 8, sum12);
        Store(y, shape, firstRow + rowInTile + 48, firstVector + vectorInTile + 8, sum13);
        Store(y, shape, firstRow + rowInTile, firstVector + vectorInTile + 16, sum20);
        Store(y, shape, firstRow + rowInTile + 16, firstVector + vectorInTile + 16, sum21);
        Store(y, shape, firstRow + rowInTile + 32, firstVector + vectorInTile + 16, sum22);
        Store(y, shape, firstRow + rowInTile + 48, firstVector + vectorInTile + 16, sum23);
        Store(y, shape, firstRow + rowInTile, firstVector + vectorInTile + 24, sum30);
        Store(y, shape, firstRow + rowInTile + 16, firstVector + vectorInTile + 24, sum31);
        Store(y, shape, firstRow + rowInTile + 32, firstVector + vectorInTile + 24, sum32);
        Store(y, shape, firstRow + rowInTile + 48, firstVector + vectorInTile + 24, sum33);
    }

    /// <summary>Writes a result that is inside.</summary>
    private static void Store(ArrayView<float> y, GpuShape shape, int row, int vector, float sum)
    {
        if (row < shape.Rows && vector < shape.Batch)
        {
            y[vector * (long)shape.Rows + row] = sum;
        }
    }
}
