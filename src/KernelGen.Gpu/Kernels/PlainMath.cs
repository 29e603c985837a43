using ILGPU;

namespace KernelGen.Gpu;

/// <summary>The same in plain arithmetic, and fragments by shuffles of a warp of 32: what ILGPU's CPU accelerator and OpenCL devices run.</summary>
public readonly struct PlainMath : IGpuMath
{
    /// <inheritdoc/>
    public static float FromHalf(uint bits) => GpuNumbers.FromHalf(bits);

    /// <inheritdoc/>
    public static uint ToHalves(float low, float high) => GpuNumbers.ToHalf(low) | (GpuNumbers.ToHalf(high) << 16);

    /// <inheritdoc/>
    public static float Product(float a, float b) => a * b;

    /// <inheritdoc/>
    public static int Dot(uint weights, uint x, int sum) =>
        sum
        + (int)(weights & 255u) * Signed(x, 24)
        + (int)((weights >> 8) & 255u) * Signed(x, 16)
        + (int)((weights >> 16) & 255u) * Signed(x, 8)
        + (int)(weights >> 24) * Signed(x, 0);

    /// <inheritdoc/>
    public static F4 Multiply(U4 a, U2 b)
    {
        int lane = Warp.LaneIdx;
        F4 sums = F4.Of(0f, 0f, 0f, 0f);
        for (int part = 0; part < 4; part++)
        {
            // rows g and g + 8 lie in the lanes 4g to 4g + 3, columns 2t and 2t + 1 of the result in 8t to 8t + 7
            int row = lane / 4 * 4 + part;
            int column = lane % 4 * 8 + part;
            U4 own = Warp.Shuffle(a, row);
            U2 left = Warp.Shuffle(b, column);
            U2 right = Warp.Shuffle(b, column + 4);
            sums.X += Pair(own.X, left.X) + Pair(own.Z, left.Y);
            sums.Y += Pair(own.X, right.X) + Pair(own.Z, right.Y);
            sums.Z += Pair(own.Y, left.X) + Pair(own.W, left.Y);
            sums.W += Pair(own.Y, right.X) + Pair(own.W, right.Y);
        }
        return sums;
    }

    /// <summary>The sum of two products of binary16 numbers.</summary>
    private static float Pair(uint a, uint b) =>
        GpuNumbers.FromHalf(a & 65535u) * GpuNumbers.FromHalf(b & 65535u) + GpuNumbers.FromHalf(a >> 16) * GpuNumbers.FromHalf(b >> 16);

    /// <summary>A signed byte, shifted up by so many bits to the top.</summary>
    private static int Signed(uint bytes, int up) => (int)(bytes << up) >> 24;
}
