using System.Runtime.InteropServices;
using KernelGen.Kernels.Products.MachineCode;

namespace KernelGen.MachineCode.Tests;

/// <summary>Kernels that an interpreter executes in place of the processor.</summary>
internal static unsafe class Interpreted
{
    [ThreadStatic]
    private static CodeInterpreter?[]? t_interpreters;

    private static Exception? s_failure;

    /// <summary>The same kernels, interpreted.</summary>
    public static MachineKernels Kernels(CpuEngine engine)
    {
        var entries = new nint[KernelShape.All.Count];
        Array.Fill(entries, (nint)(delegate* unmanaged<KernelArguments*, void>)&Call);
        return MachineKernels.At(entries, engine);
    }

    /// <summary>What failed within a call, which no exception can leave, fails here.</summary>
    public static void Check()
    {
        if (Interlocked.Exchange(ref s_failure, null) is { } failure)
        {
            throw new InvalidOperationException("An interpreted kernel failed.", failure);
        }
    }

    [UnmanagedCallersOnly]
    private static void Call(KernelArguments* arguments)
    {
        try
        {
            int kernel = (int)arguments->Kernel;
            t_interpreters ??= new CodeInterpreter?[KernelShape.All.Count];
            (t_interpreters[kernel] ??= new CodeInterpreter(KernelCode.Of(kernel))).Run(arguments);
        }
        catch (Exception failure)
        {
            s_failure = failure;
        }
    }
}
