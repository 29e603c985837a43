using System.Diagnostics.CodeAnalysis;

namespace ILGPU.Emulation;

/// <summary>What a kernel did that a device would not report: kernel, group and thread are named.</summary>
public sealed class EmulationException : InvalidOperationException
{
    /// <summary>An error of a thread.</summary>
    /// <param name="kernel">Name of the kernel.</param>
    /// <param name="group">The group.</param>
    /// <param name="thread">The thread in its group.</param>
    /// <param name="problem">What it did.</param>
    public EmulationException(string kernel, Index3D group, int thread, string problem)
        : base($"Kernel {kernel}, group ({group.X}, {group.Y}, {group.Z}), thread {thread}: {problem}.") =>
        (Kernel, Group, Thread, Problem) = (kernel, group, thread, problem);

    /// <summary>Name of the kernel.</summary>
    public string Kernel { get; }

    /// <summary>The group.</summary>
    public Index3D Group { get; }

    /// <summary>The thread in its group.</summary>
    public int Thread { get; }

    /// <summary>What it did.</summary>
    public string Problem { get; }

    /// <summary>Throws for the running thread; outside of kernels an ordinary exception.</summary>
    [DoesNotReturn]
    internal static void Throw(string problem)
    {
        if (EmulatedThread.Current is { } thread)
        {
            throw thread.Error(problem);
        }
        throw new InvalidOperationException(problem);
    }

    [DoesNotReturn]
    internal static void ThrowOutOfBounds(long index, long length, Type type) =>
        Throw(
            $"index {(index > int.MaxValue && index <= uint.MaxValue ? $"{index} (as 32 bits: {(int)index})" : index.ToString(System.Globalization.CultureInfo.InvariantCulture))} is outside a view of {length} {type.Name}"
        );
}
