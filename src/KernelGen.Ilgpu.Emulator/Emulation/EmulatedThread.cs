using System.Runtime.CompilerServices;

namespace ILGPU.Emulation;

/// <summary>How a thread waits for others.</summary>
internal enum SyncKind
{
    /// <summary>It does not: it has returned.</summary>
    Done,
    GroupBarrier,
    WarpBarrier,
    Shuffle,
    ShuffleDown,
    ShuffleUp,
    ShuffleXor,

    /// <summary>An instruction that a warp executes together, which orders no memory.</summary>
    Instruction,
}

/// <summary>Marks the functions at which a thread waits.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SynchronisesAttribute(SyncKind kind) : Attribute
{
    public SyncKind Kind { get; } = kind;
}

/// <summary>
/// A thread of a kernel as an object. The compiler derives one class from it per kernel, whose <see cref="Run"/> goes on
/// from where the thread last waited to where it waits next.
/// </summary>
public abstract class EmulatedThread
{
    /// <summary>Largest value that a shuffle passes on.</summary>
    private const int ShuffleBytes = 16;

    /// <summary>Most arguments of an instruction.</summary>
    private const int MostRegisters = 10;

    [ThreadStatic]
    internal static EmulatedThread? Current;

    private UInt128 _posted,
        _received;

    /// <summary>Where <see cref="Run"/> goes on; 0 is the start.</summary>
    public int State;

    internal static EmulatedThread Required
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Current ?? throw new InvalidOperationException("Only kernels can ask for this.");
    }

    internal GroupRun Group { get; private set; } = null!;

    /// <summary>Index in the group.</summary>
    internal int Linear { get; private set; }

    /// <summary>Lane, distance or mask of a shuffle; the predicate of a counting barrier.</summary>
    internal int Argument { get; private set; }

    /// <summary>The instruction of a warp that the thread waits for.</summary>
    internal string? Instruction { get; private set; }

    /// <summary>The arguments of that instruction.</summary>
    internal uint[] Registers { get; } = new uint[MostRegisters];

    /// <summary>What a counting barrier gives: how many threads said yes.</summary>
    internal int Count { get; set; }

    internal static Exception NotReplaced() => new NotSupportedException("This function is for kernels that the emulator runs.");

    /// <summary>Takes the arguments of a launch.</summary>
    /// <param name="arguments">The kernel's arguments.</param>
    public abstract void Load(object[] arguments);

    /// <summary>Goes on to the next wait; returns a <see cref="SyncKind"/>.</summary>
    public abstract int Run();

    internal void Enter(GroupRun group, int linear) => (Group, Linear, State) = (group, linear, 0);

    internal EmulationException Error(string problem) => new(Group.Kernel.Name, Group.Index, Linear, problem);

    internal void Receive(EmulatedThread source) => _received = source._posted;

    /// <summary>A barrier, with or without a predicate.</summary>
    protected void PostBarrier(bool predicate) => Argument = predicate ? 1 : 0;

    /// <summary>A value for other lanes.</summary>
    protected void PostShuffle<T>(T value, int argument)
        where T : unmanaged
    {
        if (Unsafe.SizeOf<T>() > ShuffleBytes)
        {
            EmulationException.Throw($"a shuffle passes on at most {ShuffleBytes} bytes, {typeof(T).Name} has {Unsafe.SizeOf<T>()}");
        }
        _posted = default;
        Unsafe.As<UInt128, T>(ref _posted) = value;
        Argument = argument;
    }

    /// <summary>The value from another lane.</summary>
    protected T TakeShuffle<T>()
        where T : unmanaged => Unsafe.As<UInt128, T>(ref _received);

    /// <summary>An instruction of the warp.</summary>
    protected void PostInstruction(string instruction) => Instruction = instruction;

    /// <summary>An argument of an instruction.</summary>
    protected void PostRegister<T>(int index, T value)
        where T : unmanaged => Registers[index] = Unsafe.BitCast<T, uint>(value);

    /// <summary>The same after it.</summary>
    protected T TakeRegister<T>(int index)
        where T : unmanaged => Unsafe.BitCast<uint, T>(Registers[index]);

    /// <summary>How many said yes.</summary>
    protected int TakeCount() => Count;

    /// <summary>Whether all did.</summary>
    protected bool TakeAnd() => Count == (int)Group.Config.GroupDim.Size;

    /// <summary>Whether one did.</summary>
    protected bool TakeOr() => Count > 0;

    /// <summary>The shared array of a place in the kernel, one for all threads of the group.</summary>
    protected ArrayView<T> Shared<T>(int extent, int site)
        where T : unmanaged => Group.Shared.At<T>(site, extent);

    /// <summary>The shared memory that the launch asked for.</summary>
    protected ArrayView<T> Dynamic<T>()
        where T : unmanaged => Group.Shared.Dynamic<T>();

    /// <summary>A checked read through a reference.</summary>
    protected static T Read<T>(ref T address, EmulatedThread thread)
        where T : unmanaged
    {
        thread.Group.Shared.OnRead(ref Unsafe.As<T, byte>(ref address), Unsafe.SizeOf<T>(), thread);
        return address;
    }

    /// <summary>A checked write through a reference.</summary>
    protected static void Write<T>(ref T address, T value, EmulatedThread thread)
        where T : unmanaged
    {
        thread.Group.Shared.OnWrite(ref Unsafe.As<T, byte>(ref address), Unsafe.SizeOf<T>(), thread);
        address = value;
    }
}
