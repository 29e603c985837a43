using ILGPU.Emulation;

namespace ILGPU.Runtime.Cuda;

/// <summary>What an inline instruction takes or gives.</summary>
public interface ICudaAsmEmitParameter;

/// <summary>What an instruction reads.</summary>
public struct Input<T> : ICudaAsmEmitParameter
    where T : struct
{
    public T Value;

    public static implicit operator Input<T>(T value) => new() { Value = value };
}

/// <summary>What an instruction writes.</summary>
public struct Output<T> : ICudaAsmEmitParameter
    where T : struct
{
    public T Value;
}

/// <summary>What an instruction reads and writes.</summary>
public struct Ref<T> : ICudaAsmEmitParameter
    where T : struct
{
    public T Value;

    public static implicit operator Ref<T>(T value) => new() { Value = value };
}

/// <summary>
/// Inline PTX. The emulator executes the instructions of <see cref="PtxInstruction"/> and rejects others; on a device without
/// PTX, which <see cref="Context.Builder.WithoutInlinePtx"/> makes, kernels have to have another way.
/// </summary>
public static class CudaAsm
{
    public static bool IsSupported => EmulatedThread.Required.Group.Kernel.InlinePtx;

    /// <summary>An instruction that a thread executes alone; %0 is the result.</summary>
    public static void Emit<T0, T1, T2>(string asm, out T0 arg0, T1 arg1, T2 arg2)
        where T0 : struct
        where T1 : struct
        where T2 : struct => arg0 = PtxInstruction.Of(asm).Execute<T0, T1, T2>(arg1, arg2);

    /// <summary>An instruction that a warp executes together; calls are replaced when the kernel is compiled.</summary>
    [Synchronises(SyncKind.Instruction)]
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9>(
        string asm,
        ref T0 arg0,
        ref T1 arg1,
        ref T2 arg2,
        ref T3 arg3,
        ref T4 arg4,
        ref T5 arg5,
        ref T6 arg6,
        ref T7 arg7,
        ref T8 arg8,
        ref T9 arg9
    )
        where T0 : struct, ICudaAsmEmitParameter
        where T1 : struct, ICudaAsmEmitParameter
        where T2 : struct, ICudaAsmEmitParameter
        where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter
        where T5 : struct, ICudaAsmEmitParameter
        where T6 : struct, ICudaAsmEmitParameter
        where T7 : struct, ICudaAsmEmitParameter
        where T8 : struct, ICudaAsmEmitParameter
        where T9 : struct, ICudaAsmEmitParameter => throw EmulatedThread.NotReplaced();
}
