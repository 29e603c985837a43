namespace KernelGen.Gpu;

/// <summary>
/// What PTX has instructions for and other devices compute. Kernels are compiled with one of the two: <see cref="PtxMath"/> on
/// CUDA devices, <see cref="PlainMath"/> elsewhere. Both give the same numbers.
/// </summary>
public interface IGpuMath
{
    /// <summary>A binary16 number.</summary>
    /// <param name="bits">Its bits.</param>
    static abstract float FromHalf(uint bits);

    /// <summary>Two numbers as binary16, to nearest with ties to even.</summary>
    /// <param name="low">The one in the lower half.</param>
    /// <param name="high">The other.</param>
    static abstract uint ToHalves(float low, float high);

    /// <summary>A product that is rounded by itself, never fused with an addition.</summary>
    /// <param name="a">A factor.</param>
    /// <param name="b">The other.</param>
    static abstract float Product(float a, float b);

    /// <summary>Four products of bytes and a sum.</summary>
    /// <param name="weights">Four unsigned bytes.</param>
    /// <param name="x">Four signed bytes.</param>
    /// <param name="sum">The sum so far.</param>
    static abstract int Dot(uint weights, uint x, int sum);

    /// <summary>
    /// A step of a warp on fragments of <c>mma.m16n8k16</c>: 16 rows by 16 columns of binary16 numbers times 16 columns by 8 vectors.
    /// Every lane of the warp calls it.
    /// </summary>
    /// <remarks>
    /// Places by the PTX ISA, with g = lane / 4 and t = lane % 4: A's words are (row g, columns 2t), (g + 8, 2t), (g, 2t + 8),
    /// (g + 8, 2t + 8); B's (columns 2t, vector g), (2t + 8, g); the sums (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1).
    /// A word holds two neighbouring columns, the first in its lower half.
    /// </remarks>
    /// <param name="a">The lane's words of A.</param>
    /// <param name="b">The lane's words of B.</param>
    /// <returns>The lane's sums.</returns>
    static abstract F4 Multiply(U4 a, U2 b);
}
