using ILGPU;
using ILGPU.Runtime.Cuda;

namespace KernelGen.Gpu;

/// <summary>
/// The matmul kernel on tensor units: binary16 factors, float32 sums, <c>mma.sync.m16n8k16</c>. A group takes 64 rows by 32
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
/// <para>
/// Places in the fragments, by the PTX ISA (matrix fragments for mma.m16n8k16): with g = lane / 4 and t = lane % 4, A's words are
/// (row g, columns 2t), (g + 8, 2t), (g, 2t + 8), (g + 8, 2t + 8); B's (columns 2t, vector g), (2t + 8, g); C's floats
/// (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1). A word holds two neighbouring columns, the first in its lower half.
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

    /// <summary>C += A·B for a warp; %0 to %3 are A, %4 and %5 B, the rest C.</summary>
    private const string Multiply =
        "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%6, %7, %8, %9}, {%0, %1, %2, %3}, {%4, %5}, {%6, %7, %8, %9};";

    /// <summary>Y = X·Wᵀ.</summary>
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
        ArrayView<U4> x,
        ArrayView<float> factors,
        ArrayView<float> y
    )
        where TFormat : struct, IGpuFormat
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
            int row = IntrinsicMath.Min(firstRow + ownRow, shape.Rows - 1);
            int unit = IntrinsicMath.Min(2 * step + ownUnit, shape.Units - 1);
            GpuUnit own = TFormat.Decode(source, shape, row, unit);
            GpuScales scales = TFormat.Scales(source, shape, row, unit);
            int weightAt = (buffer * GpuKernels.TileRows + ownRow) * Stride + ownUnit * 4;
            int scaleAt = (buffer * GpuKernels.TileRows + ownRow) * 4 + ownUnit * 2;
            if (TFormat.HasHalfLevels)
            {
                scaleTile[scaleAt] = scales.Low.X;
                scaleTile[scaleAt + 1] = scales.High.X;
                weightTile[weightAt] = GpuHalves.Of(own.A, own.B, 1f);
                weightTile[weightAt + 1] = GpuHalves.Of(own.C, own.D, 1f);
                weightTile[weightAt + 2] = GpuHalves.Of(own.E, own.F, 1f);
                weightTile[weightAt + 3] = GpuHalves.Of(own.G, own.H, 1f);
            }
            else
            {
                own = GpuOutlierList.Apply<TFormat>(TFormat.Weights(own, scales), source, shape, row, unit);
                float largest = GpuRuns.Largest(own);
                float factor = GpuHalves.Factor(largest);
                scaleTile[scaleAt] = GpuHalves.Inverse(largest);
                scaleTile[scaleAt + 1] = GpuHalves.Inverse(largest);
                weightTile[weightAt] = GpuHalves.Of(own.A, own.B, factor);
                weightTile[weightAt + 1] = GpuHalves.Of(own.C, own.D, factor);
                weightTile[weightAt + 2] = GpuHalves.Of(own.E, own.F, factor);
                weightTile[weightAt + 3] = GpuHalves.Of(own.G, own.H, factor);
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
                Input<uint> a0 = weightWords[a];
                Input<uint> a1 = weightWords[a + 8 * Words];
                Input<uint> a2 = weightWords[a + 4];
                Input<uint> a3 = weightWords[a + 8 * Words + 4];
                if (CudaAsm.IsSupported)
                {
                    Input<uint> b00 = xWords[b],
                        b01 = xWords[b + 4];
                    Ref<float> c00 = 0f,
                        c01 = 0f,
                        c02 = 0f,
                        c03 = 0f;
                    CudaAsm.EmitRef(Multiply, ref a0, ref a1, ref a2, ref a3, ref b00, ref b01, ref c00, ref c01, ref c02, ref c03);
                    Input<uint> b10 = xWords[b + 8 * Words],
                        b11 = xWords[b + 8 * Words + 4];
                    Ref<float> c10 = 0f,
                        c11 = 0f,
                        c12 = 0f,
                        c13 = 0f;
                    CudaAsm.EmitRef(Multiply, ref a0, ref a1, ref a2, ref a3, ref b10, ref b11, ref c10, ref c11, ref c12, ref c13);
                    Input<uint> b20 = xWords[b + 16 * Words],
                        b21 = xWords[b + 16 * Words + 4];
                    Ref<float> c20 = 0f,
                        c21 = 0f,
                        c22 = 0f,
                        c23 = 0f;
                    CudaAsm.EmitRef(Multiply, ref a0, ref a1, ref a2, ref a3, ref b20, ref b21, ref c20, ref c21, ref c22, ref c23);
                    Input<uint> b30 = xWords[b + 24 * Words],
                        b31 = xWords[b + 24 * Words + 4];
                    Ref<float> c30 = 0f,
                        c31 = 0f,
                        c32 = 0f,
                        c33 = 0f;
                    CudaAsm.EmitRef(Multiply, ref a0, ref a1, ref a2, ref a3, ref b30, ref b31, ref c30, ref c31, ref c32, ref c33);
                    sum00 += upper * c00.Value;
                    sum01 += upper * c01.Value;
                    sum02 += lower * c02.Value;
                    sum03 += lower * c03.Value;
                    sum10 += upper * c10.Value;
                    sum11 += upper * c11.Value;
                    sum12 += lower * c12.Value;
                    sum13 += lower * c13.Value;
                    sum20 += upper * c20.Value;
                    sum21 += upper * c21.Value;
                    sum22 += lower * c22.Value;
                    sum23 += lower * c23.Value;
                    sum30 += upper * c30.Value;
                    sum31 += upper * c31.Value;
                    sum32 += lower * c32.Value;
                    sum33 += lower * c33.Value;
                }
                else
                {
                    // where there is no such instruction each thread adds up its own places
                    int first = a - fragmentColumn,
                        vector = b - lane / 4 * Words - fragmentColumn + 2 * fragmentColumn * Words;
                    sum00 += upper * GpuHalves.Dot16(weightWords, first, xWords, vector);
                    sum01 += upper * GpuHalves.Dot16(weightWords, first, xWords, vector + 1 * Words);
                    sum02 += lower * GpuHalves.Dot16(weightWords, first + 8 * Words, xWords, vector);
                    sum03 += lower * GpuHalves.Dot16(weightWords, first + 8 * Words, xWords, vector + 1 * Words);
                    sum10 += upper * GpuHalves.Dot16(weightWords, first, xWords, vector + 8 * Words);
                    sum11 += upper * GpuHalves.Dot16(weightWords, first, xWords, vector + 9 * Words);
                    sum12 += lower * GpuHalves.Dot16(weightWords, first + 8 * Words, xWords, vector + 8 * Words);
                    sum13 += lower * GpuHalves.Dot16(weightWords, first + 8 * Words, xWords, vector + 9 * Words);
                    sum20 += upper * GpuHalves.Dot16(weightWords, first, xWords, vector + 16 * Words);
                    sum21 += upper * GpuHalves.Dot16(weightWords, first, xWords, vector + 17 * Words);
                    sum22 += lower * GpuHalves.Dot16(weightWords, first + 8 * Words, xWords, vector + 16 * Words);
                    sum23 += lower * GpuHalves.Dot16(weightWords, first + 8 * Words, xWords, vector + 17 * Words);
                    sum30 += upper * GpuHalves.Dot16(weightWords, first, xWords, vector + 24 * Words);
                    sum31 += upper * GpuHalves.Dot16(weightWords, first, xWords, vector + 25 * Words);
                    sum32 += lower * GpuHalves.Dot16(weightWords, first + 8 * Words, xWords, vector + 24 * Words);
                    sum33 += lower * GpuHalves.Dot16(weightWords, first + 8 * Words, xWords, vector + 25 * Words);
                }
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
