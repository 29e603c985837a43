using ILGPU.Emulation;

namespace ILGPU;

/// <summary>Where a thread's group is.</summary>
public static class Grid
{
    public static int IdxX => EmulatedThread.Required.Group.Index.X;

    public static int IdxY => EmulatedThread.Required.Group.Index.Y;

    public static int IdxZ => EmulatedThread.Required.Group.Index.Z;

    public static int DimX => EmulatedThread.Required.Group.Config.GridDim.X;

    public static int DimY => EmulatedThread.Required.Group.Config.GridDim.Y;

    public static int DimZ => EmulatedThread.Required.Group.Config.GridDim.Z;

    public static Index3D Index => EmulatedThread.Required.Group.Index;

    public static Index3D Dimension => EmulatedThread.Required.Group.Config.GridDim;
}

/// <summary>Where a thread is in its group. What waits for others is replaced when the kernel is compiled.</summary>
public static class Group
{
    public static int IdxX => EmulatedThread.Required.Linear % DimX;

    public static int IdxY => EmulatedThread.Required.Linear / DimX % DimY;

    public static int IdxZ => EmulatedThread.Required.Linear / (DimX * DimY);

    public static int DimX => EmulatedThread.Required.Group.Config.GroupDim.X;

    public static int DimY => EmulatedThread.Required.Group.Config.GroupDim.Y;

    public static int DimZ => EmulatedThread.Required.Group.Config.GroupDim.Z;

    public static Index3D Index => new(IdxX, IdxY, IdxZ);

    public static Index3D Dimension => EmulatedThread.Required.Group.Config.GroupDim;

    public static int LinearIndex => EmulatedThread.Required.Linear;

    public static bool IsFirstThread => LinearIndex == 0;

    public static bool IsLastThread => LinearIndex == (int)Dimension.Size - 1;

    [Synchronises(SyncKind.GroupBarrier)]
    public static void Barrier() => throw EmulatedThread.NotReplaced();

    [Synchronises(SyncKind.GroupBarrier)]
    public static int BarrierPopCount(bool predicate) => throw EmulatedThread.NotReplaced();

    [Synchronises(SyncKind.GroupBarrier)]
    public static bool BarrierAnd(bool predicate) => throw EmulatedThread.NotReplaced();

    [Synchronises(SyncKind.GroupBarrier)]
    public static bool BarrierOr(bool predicate) => throw EmulatedThread.NotReplaced();
}

/// <summary>Warps of 32 threads.</summary>
public static class Warp
{
    internal const int Size = 32;

    public static int WarpSize => Size;

    public static int LaneIdx => EmulatedThread.Required.Linear % Size;

    public static int WarpIdx => EmulatedThread.Required.Linear / Size;

    public static bool IsFirstLane => LaneIdx == 0;

    public static bool IsLastLane => LaneIdx == Size - 1;

    [Synchronises(SyncKind.WarpBarrier)]
    public static void Barrier() => throw EmulatedThread.NotReplaced();

    [Synchronises(SyncKind.Shuffle)]
    public static T Shuffle<T>(T variable, int sourceLane)
        where T : unmanaged => throw EmulatedThread.NotReplaced();

    [Synchronises(SyncKind.ShuffleDown)]
    public static T ShuffleDown<T>(T variable, int delta)
        where T : unmanaged => throw EmulatedThread.NotReplaced();

    [Synchronises(SyncKind.ShuffleUp)]
    public static T ShuffleUp<T>(T variable, int delta)
        where T : unmanaged => throw EmulatedThread.NotReplaced();

    [Synchronises(SyncKind.ShuffleXor)]
    public static T ShuffleXor<T>(T variable, int mask)
        where T : unmanaged => throw EmulatedThread.NotReplaced();

    [Synchronises(SyncKind.Shuffle)]
    public static T Broadcast<T>(T value, int sourceLane)
        where T : unmanaged => throw EmulatedThread.NotReplaced();
}

/// <summary>Shared memory; calls are replaced when the kernel is compiled.</summary>
public static class SharedMemory
{
    public static ArrayView<T> Allocate<T>(int extent)
        where T : unmanaged => throw EmulatedThread.NotReplaced();

    public static ArrayView<T> GetDynamic<T>()
        where T : unmanaged => throw EmulatedThread.NotReplaced();
}
