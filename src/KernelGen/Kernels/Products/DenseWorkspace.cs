namespace KernelGen.Kernels.Products;

/// <summary>A thread's buffers for panels, kept from call to call, pinned and aligned to cache lines.</summary>
internal sealed unsafe class DenseWorkspace
{
    private const int LineBytes = 64;

    [ThreadStatic]
    private static DenseWorkspace? t_mine;

    private float[] _left = [],
        _right = [];

    /// <summary>The calling thread's.</summary>
    public static DenseWorkspace Mine => t_mine ??= new();

    /// <summary>Room for panels of the left operand.</summary>
    /// <param name="elements">Elements.</param>
    public float* Left(int elements) => Room(ref _left, elements);

    /// <summary>Room for panels of the right operand.</summary>
    /// <param name="elements">Elements.</param>
    public float* Right(int elements) => Room(ref _right, elements);

    private static float* Room(ref float[] buffer, int elements)
    {
        if (buffer.Length < elements + LineBytes / sizeof(float))
        {
            buffer = GC.AllocateUninitializedArray<float>(elements + LineBytes / sizeof(float), pinned: true);
        }
        nint first = System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(buffer, 0);
        return (float*)((first + LineBytes - 1) & -LineBytes);
    }
}
