using ILGPU.Runtime.Cuda;

namespace KernelGen.Gpu;

/// <summary>PTX instructions: compute capability 6.1 for integer products, 8.0 for fragments and pairs of binary16 numbers.</summary>
public readonly struct PtxMath : IGpuMath
{
    /// <summary>C = A·B for a warp; %0 to %3 are A, %4 and %5 B, the rest C.</summary>
    private const string MultiplyText =
        "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%6, %7, %8, %9}, {%0, %1, %2, %3}, {%4, %5}, {%6, %7, %8, %9};";

    /// <inheritdoc/>
    public static float FromHalf(uint bits)
    {
        CudaAsm.Emit("{ .reg .b16 h, n; mov.b32 {h, n}, %1; cvt.f32.f16 %0, h; }", out float value, bits);
        return value;
    }

    /// <inheritdoc/>
    public static uint ToHalves(float low, float high)
    {
        CudaAsm.Emit("cvt.rn.f16x2.f32 %0, %1, %2;", out uint pair, high, low);
        return pair;
    }

    /// <inheritdoc/>
    public static float Product(float a, float b)
    {
        CudaAsm.Emit("mul.rn.f32 %0, %1, %2;", out float product, a, b);
        return product;
    }

    /// <inheritdoc/>
    public static int Dot(uint weights, uint x, int sum)
    {
        CudaAsm.Emit("dp4a.u32.s32 %0, %1, %2, %3;", out int result, weights, x, sum);
        return result;
    }

    /// <inheritdoc/>
    public static F4 Multiply(U4 a, U2 b)
    {
        Input<uint> a0 = a.X,
            a1 = a.Y,
            a2 = a.Z,
            a3 = a.W,
            b0 = b.X,
            b1 = b.Y;
        Ref<float> c0 = 0f,
            c1 = 0f,
            c2 = 0f,
            c3 = 0f;
        CudaAsm.EmitRef(MultiplyText, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref c0, ref c1, ref c2, ref c3);
        return F4.Of(c0.Value, c1.Value, c2.Value, c3.Value);
    }
}
