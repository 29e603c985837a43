using System.Runtime.CompilerServices;

namespace ILGPU;

/// <summary>Dynamic shared memory of a launch.</summary>
public readonly struct SharedMemoryConfig
{
    internal SharedMemoryConfig(int bytes) => Bytes = bytes;

    internal int Bytes { get; }

    public static SharedMemoryConfig RequestDynamic<T>(int numElements)
        where T : unmanaged => new(checked(numElements * Unsafe.SizeOf<T>()));
}

/// <summary>Groups and threads of a launch.</summary>
public readonly struct KernelConfig(Index3D gridDim, Index3D groupDim, SharedMemoryConfig sharedMemoryConfig = default)
{
    public Index3D GridDim { get; } = gridDim;

    public Index3D GroupDim { get; } = groupDim;

    public SharedMemoryConfig SharedMemoryConfig { get; } = sharedMemoryConfig;

    public static implicit operator KernelConfig((Index1D GridDim, Index1D GroupDim) config) => new(config.GridDim, config.GroupDim);

    public static implicit operator KernelConfig((Index1D GridDim, Index1D GroupDim, SharedMemoryConfig Shared) config) =>
        new(config.GridDim, config.GroupDim, config.Shared);

    public static implicit operator KernelConfig((Index2D GridDim, Index2D GroupDim) config) => new(config.GridDim, config.GroupDim);

    public static implicit operator KernelConfig((Index3D GridDim, Index3D GroupDim) config) => new(config.GridDim, config.GroupDim);
}

/// <summary>A value that a compiled kernel has as a constant; here an ordinary one.</summary>
public readonly struct SpecializedValue<T>(T value)
    where T : unmanaged
{
    public T Value { get; } = value;

    public static implicit operator T(SpecializedValue<T> specialized) => specialized.Value;
}

public static class SpecializedValue
{
    public static SpecializedValue<T> New<T>(T value)
        where T : unmanaged => new(value);
}
