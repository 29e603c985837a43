using System.ComponentModel;

namespace KernelGen.Kernels.Elements;

/// <summary>The number of elements that share a scale, as a constant of a type.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IGroupSize
{
    /// <summary>Elements per group.</summary>
    static abstract int Group { get; }
}
