using ILGPU;
using KernelGen.Kernels.Elements;

namespace KernelGen.Gpu;

/// <summary>Which way a rotation goes, as a constant of its compilation.</summary>
public interface IGpuDirection
{
    /// <summary>Whether back.</summary>
    static abstract bool IsInverse { get; }
}

/// <summary>The rotation of <see cref="HadamardRotation"/> on a device: the same additions in the same order, so the same bits.</summary>
public static class GpuRotation
{
    /// <summary>Signs, then the transform: activations.</summary>
    public readonly struct Forward : IGpuDirection
    {
        /// <inheritdoc/>
        public static bool IsInverse => false;
    }

    /// <summary>The transform, then signs: unpacked weights.</summary>
    public readonly struct Inverse : IGpuDirection
    {
        /// <inheritdoc/>
        public static bool IsInverse => true;
    }

    /// <summary>
    /// A group of threads takes a block of a vector into shared memory. Forward the results go to the order of
    /// <see cref="GpuShape.XIndex"/>, with zeros behind the last block; back they stay in the order of columns.
    /// </summary>
    /// <typeparam name="TDirection">Which way.</typeparam>
    /// <param name="columns">Columns of a vector outside; what pads the last block is zero, and is left out on the way back.</param>
    /// <param name="size">Columns of a block, a power of two up to <see cref="HadamardRotation.MaxSize"/>.</param>
    /// <param name="blocks">Blocks of a vector.</param>
    /// <param name="xStride">Quadruples of a vector in the order of activations.</param>
    /// <param name="seed">Seed of the signs.</param>
    /// <param name="norm">1 / √size.</param>
    /// <param name="values">Vectors, of <paramref name="columns"/> numbers forward, of whole blocks back.</param>
    /// <param name="rotated">Receives them rotated.</param>
    public static void Rotate<TDirection>(
        int columns,
        int size,
        int blocks,
        int xStride,
        uint seed,
        float norm,
        ArrayView<float> values,
        ArrayView<float> rotated
    )
        where TDirection : struct, IGpuDirection
    {
        ArrayView<float> all = SharedMemory.Allocate<float>(HadamardRotation.MaxSize);
        int vector = Grid.IdxX / blocks;
        int first = Grid.IdxX % blocks * size;
        for (int i = Group.IdxX; i < size; i += Group.DimX)
        {
            int column = first + i;
            if (TDirection.IsInverse)
            {
                all[i] = values[(long)vector * blocks * size + column];
            }
            else
            {
                all[i] = column < columns ? Signed(values[(long)vector * columns + column] * norm, seed, column) : 0f;
            }
        }
        Group.Barrier();
        for (int half = size / 2; half > 0; half >>= 1)
        {
            for (int pair = Group.IdxX; pair < size / 2; pair += Group.DimX)
            {
                int at = 2 * pair - (pair & (half - 1));
                float a = all[at];
                float b = all[at + half];
                all[at] = a + b;
                all[at + half] = a - b;
            }
            Group.Barrier();
        }
        for (int i = Group.IdxX; i < size; i += Group.DimX)
        {
            int column = first + i;
            float value = all[i];
            if (!TDirection.IsInverse)
            {
                rotated[Place(vector, column, xStride)] = value;
            }
            else if (column < columns)
            {
                rotated[(long)vector * columns + column] = Signed(value * norm, seed, column);
            }
        }
        if (!TDirection.IsInverse && first + size == blocks * size)
        {
            for (int column = blocks * size + Group.IdxX; column < 4 * xStride; column += Group.DimX)
            {
                rotated[Place(vector, column, xStride)] = 0f;
            }
        }
    }

    /// <summary>Where an activation is.</summary>
    private static long Place(int vector, int column, int xStride) =>
        (vector * (long)xStride + GpuShape.XIndex(column / GpuShape.Unit) + column % GpuShape.Unit / 4 * 32) * 4 + column % 4;

    /// <summary>A number with the sign of its column turned or not.</summary>
    private static float Signed(float value, uint seed, int column)
    {
        uint turn = (HadamardRotation.Signs(seed, column >> 5) >> (column & 31)) << 31;
        return Interop.IntAsFloat(Interop.FloatAsInt(value) ^ turn);
    }
}
