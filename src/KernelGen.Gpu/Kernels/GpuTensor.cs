using ILGPU;

namespace KernelGen.Gpu;

/// <summary>
/// The matmul kernel on tensor units: binary16 factors, float32 sums, <see cref="IGpuMath.Multiply"/>. A group takes 64 rows by 32
/// activation vectors; each of its four warps 16 rows. Per step of 64 columns every thread decodes a unit into shared memory.
/// </summary>
/// <remarks>
/// <para>
/// What is multiplied are levels where they are binary16 numbers (<see cref="IGpuFormat.HasHalfLevels"/>), and the sum of 16
/// products is scaled in float32: then activations alone are rounded. Other formats give weights, divided by a power of two per
/// unit so that the largest lies in [2¹⁴, 2¹⁵), and rounded.
/// </para>
/// <para>
/// Error of a sum, with u = 2⁻¹¹: at most (u + 4·√K·2⁻²⁴)·Σ|w·x| with levels, (2u + u² + 4·√K·2⁻²⁴)·Σ|w·x| with weights, plus 2⁻³⁹ of the
/// largest activation times Σ|w|, and of a unit's largest weight times Σ|x|, for numbers that are subnormal in binary16.
/// </para>
/// </remarks>
public static class GpuTensor
{
    /// <summary>Shared memory of the tiles: two of each, so that one barrier a step is enough.</summary>
    public const int TileBytes = 2 * (16 * Stride * (GpuKernels.TileRows + GpuKernels.TileBatch) + 16 * GpuKernels.TileRows);

    /// <summary>Records between the rows of a tile: eight of halves and a spare one, so that eight rows meet all banks.</summary>
    private const int Stride = 9;

    /// <summary>Words between the rows of a tile.</summary>
    private const int Words = 4 * Stride;

    /// <summary>Y = X·Wᵀ.</summary>
    public static void Tiles<TFormat, TMath>(
        ArrayView<U4> quads,
        ArrayView<U2> pairs,
        ArrayView<uint> words,
        ArrayView<uint> extra,
        ArrayView<float> floats,
        ArrayView<ushort> halves,
        ArrayView<byte> bytes,
        ArrayView<float> table,
        GpuShape shape,
        ArrayView<U4> x,
        ArrayView<float> factors,
        ArrayView<float> y
    )
        where TFormat : struct, IGpuFormat
        where TMath : struct, IGpuMath
    {
        ArrayView<float> levelTable = SharedMemory.Allocate<float>(GpuKernels.TableLevels);
        ArrayView<U4> weightTile = SharedMemory.Allocate<U4>(2 * GpuKernels.TileRows * Stride);
        ArrayView<U4> xTile = SharedMemory.Allocate<U4>(2 * GpuKernels.TileBatch * Stride);
        ArrayView<float> scaleTile = SharedMemory.Allocate<float>(2 * GpuKernels.TileRows * 4);
        if (TFormat.TableLevels > 0)
        {
            for (int i = Group.IdxX; i < TFormat.TableLevels; i += Group.DimX)
            {
                levelTable[i] = table[i];
            }
            Group.Barrier();
        }
        var source = new GpuSource(quads, pairs, words, extra, floats, halves, bytes, table, levelTable);
        ArrayView<uint> weightWords = weightTile.Cast<uint>();
        ArrayView<uint> xWords = xTile.Cast<uint>();
        int firstRow = Grid.IdxX * GpuKernels.TileRows;
        int firstVector = Grid.IdxY * GpuKernels.TileBatch;
        // what this thread decodes: a row and one of two units
        int ownRow = Group.IdxX / 2;
        int ownUnit = Group.IdxX % 2;
        // what it multiplies
        int lane = Group.IdxX % 32;
        int fragmentRow = Group.IdxX / 32 * 16 + lane / 4;
        int fragmentColumn = lane % 4;
        int row = IntrinsicMath.Min(firstRow + ownRow, shape.Rows - 1);
        GpuSource rowSource = TFormat.OfRow(source, shape, row);
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
        int stride = GpuShape.HalfStride(shape.Units);
        for (int step = 0; 2 * step < shape.Units; step++)
        {
            int buffer = step % 2;
            int unit = IntrinsicMath.Min(2 * step + ownUnit, shape.Units - 1);
            GpuUnit own = TFormat.Decode(rowSource, shape, unit);
            GpuScales scales = TFormat.Scales(rowSource, shape, unit);
            int weightAt = (buffer * GpuKernels.TileRows + ownRow) * Stride + ownUnit * 4;
            int scaleAt = (buffer * GpuKernels.TileRows + ownRow) * 4 + ownUnit * 2;
            if (TFormat.HasHalfLevels)
            {
                scaleTile[scaleAt] = scales.Low.X;
                scaleTile[scaleAt + 1] = scales.High.X;
                weightTile[weightAt] = GpuHalves.Of<TMath>(own.A, own.B, 1f);
                weightTile[weightAt + 1] = GpuHalves.Of<TMath>(own.C, own.D, 1f);
                weightTile[weightAt + 2] = GpuHalves.Of<TMath>(own.E, own.F, 1f);
                weightTile[weightAt + 3] = GpuHalves.Of<TMath>(own.G, own.H, 1f);
            }
            else
            {
                own = GpuOutlierList.Apply<TFormat>(TFormat.Weights(own, scales), source, shape, row, unit);
                float largest = GpuRuns.Largest(own);
                float factor = GpuHalves.Factor(largest);
                scaleTile[scaleAt] = GpuHalves.Inverse(largest);
                scaleTile[scaleAt + 1] = GpuHalves.Inverse(largest);
                weightTile[weightAt] = GpuHalves.Of<TMath>(own.A, own.B, factor);
                weightTile[weightAt + 1] = GpuHalves.Of<TMath>(own.C, own.D, factor);
                weightTile[weightAt + 2] = GpuHalves.Of<TMath>(own.E, own.F, factor);
                weightTile[weightAt + 3] = GpuHalves.Of<TMath>(own.G, own.H, factor);
            }
            for (int record = Group.IdxX; record < GpuKernels.TileBatch * 8; record += GpuKernels.GroupSize)
            {
                int vector = IntrinsicMath.Min(firstVector + record / 8, shape.Batch - 1);
                xTile[(buffer * GpuKernels.TileBatch + record / 8) * Stride + record % 8] = x[
                    vector * (long)stride + step * 8 + record % 8
                ];
            }
            Group.Barrier();
            for (int part = 0; part < 4; part++)
            {
                // 16 columns: A is weights, B activations
                int a = (buffer * GpuKernels.TileRows + fragmentRow) * Words + part * 8 + fragmentColumn;
                int b = (buffer * GpuKernels.TileBatch + lane / 4) * Words + part * 8 + fragmentColumn;
                int scale = (buffer * GpuKernels.TileRows + fragmentRow) * 4 + part;
                float upper = scaleTile[scale];
                float lower = scaleTile[scale + 8 * 4];
                U4 rows = U4.Of(weightWords[a], weightWords[a + 8 * Words], weightWords[a + 4], weightWords[a + 8 * Words + 4]);
                F4 c0 = TMath.Multiply(rows, U2.Of(xWords[b], xWords[b + 4]));
                F4 c1 = TMath.Multiply(rows, U2.Of(xWords[b + 8 * Words], xWords[b + 8 * Words + 4]));
                F4 c2 = TMath.Multiply(rows, U2.Of(xWords[b + 16 * Words], xWords[b + 16 * Words + 4]));
                F4 c3 = TMath.Multiply(rows, U2.Of(xWords[b + 24 * Words], xWords[b + 24 * Words + 4]));
                sum00 += upper * c0.X;
                sum01 += upper * c0.Y;
                sum02 += lower * c0.Z;
                sum03 += lower * c0.W;
                sum10 += upper * c1.X;
                sum11 += upper * c1.Y;
                sum12 += lower * c1.Z;
                sum13 += lower * c1.W;
                sum20 += upper * c2.X;
                sum21 += upper * c2.Y;
                sum22 += lower * c2.Z;
                sum23 += lower * c2.W;
                sum30 += upper * c3.X;
                sum31 += upper * c3.Y;
                sum32 += lower * c3.Z;
                sum33 += lower * c3.W;
            }
        }
        int resultRow = firstRow + fragmentRow;
        int resultVector = firstVector + 2 * fragmentColumn;
        Store(y, shape, factors, resultRow, resultVector, sum00);
        Store(y, shape, factors, resultRow, resultVector + 1, sum01);
        Store(y, shape, factors, resultRow + 8, resultVector, sum02);
        Store(y, shape, factors, resultRow + 8, resultVector + 1, sum03);
        Store(y, shape, factors, resultRow, resultVector + 8, sum10);
        Store(y, shape, factors, resultRow, resultVector + 9, sum11);
        Store(y, shape, factors, resultRow + 8, resultVector + 8, sum12);
        Store(y, shape, factors, resultRow + 8, resultVector + 9, sum13);
        Store(y, shape, factors, resultRow, resultVector + 16, sum20);
        Store(y, shape, factors, resultRow, resultVector + 17, sum21);
        Store(y, shape, factors, resultRow + 8, resultVector + 16, sum22);
        Store(y, shape, factors, resultRow + 8, resultVector + 17, sum23);
        Store(y, shape, factors, resultRow, resultVector + 24, sum30);
        Store(y, shape, factors, resultRow, resultVector + 25, sum31);
        Store(y, shape, factors, resultRow + 8, resultVector + 24, sum32);
        Store(y, shape, factors, resultRow + 8, resultVector + 25, sum33);
    }

    /// <summary>Writes a result that is inside.</summary>
    private static void Store(ArrayView<float> y, GpuShape shape, ArrayView<float> factors, int row, int vector, float sum)
    {
        if (row < shape.Rows && vector < shape.Batch)
        {
            y[vector * (long)shape.Rows + row] = sum * factors[vector];
        }
    }
}
