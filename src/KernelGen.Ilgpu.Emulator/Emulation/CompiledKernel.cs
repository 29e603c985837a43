using System.Reflection;

namespace ILGPU.Emulation;

/// <summary>A kernel as a class of threads.</summary>
/// <param name="method">The kernel.</param>
/// <param name="newThread">Makes a thread.</param>
/// <param name="sites">The waits: state and function.</param>
/// <param name="usesShared">Whether it has shared memory.</param>
/// <param name="inlinePtx">Whether it may use inline PTX.</param>
internal sealed class CompiledKernel(
    MethodInfo method,
    Func<EmulatedThread> newThread,
    IReadOnlyList<string> sites,
    bool usesShared,
    bool inlinePtx
)
{
    public string Name { get; } = KernelCompiler.NameOf(method);

    public bool InlinePtx { get; } = inlinePtx;

    /// <summary>Whether threads depend on each other.</summary>
    public bool Synchronises => sites.Count > 0 || usesShared;

    public EmulatedThread NewThread() => newThread();

    /// <summary>Where a thread is, for messages.</summary>
    public string Describe(SyncKind kind, int state, bool verb = false)
    {
        string place = kind == SyncKind.Done ? "has returned" : $"{sites[state - 1]} (wait {state} of {sites.Count})";
        return verb && kind != SyncKind.Done ? "waits at " + place : place;
    }
}
