using System.Runtime.CompilerServices;

namespace ILGPU.Emulation;

/// <summary>
/// The shared memory of a group, and for each of its bytes who touched it last and between which barriers: a read of what
/// nobody has written and two threads that meet in one place without a barrier between them are errors.
/// </summary>
internal sealed unsafe class SharedArena(int dynamicBytes) : IDisposable
{
    private const int Nobody = 0, Several = -1;

    private readonly EmulatedMemory _memory = new(Runtime.Accelerator.SharedMemoryBytes);
    private readonly Touch[] _touches = new Touch[Runtime.Accelerator.SharedMemoryBytes];
    private readonly Dictionary<int, int> _sites = [];
    private int _used = Aligned(dynamicBytes);

    private struct Touch
    {
        public bool Written;
        public int Writer, WriterEpoch, WriterWarpEpoch;
        public int Reader, ReaderEpoch, ReaderWarpEpoch;
    }

    /// <summary>Forgets the last group; arrays of the same kernel stay where they are.</summary>
    public void Clear() => Array.Clear(_touches, 0, _used);

    public ArrayView<T> At<T>(int site, int extent) where T : unmanaged
    {
        if (!_sites.TryGetValue(site, out int offset))
        {
            offset = _used;
            _used += Aligned(extent * sizeof(T));
            if (_used > _touches.Length)
            {
                EmulationException.Throw($"{_used} bytes of shared memory are needed, there are {_touches.Length}");
            }
            _sites[site] = offset;
        }
        return new ArrayView<T>(_memory, offset, extent);
    }

    public ArrayView<T> Dynamic<T>() where T : unmanaged => new(_memory, 0, dynamicBytes / sizeof(T));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnRead(ref byte address, int size, EmulatedThread thread)
    {
        long at = (nint)Unsafe.AsPointer(ref address) - _memory.Pointer;
        if ((ulong)at < (ulong)_touches.Length)
        {
            CheckRead((int)at, size, thread);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnWrite(ref byte address, int size, EmulatedThread thread)
    {
        long at = (nint)Unsafe.AsPointer(ref address) - _memory.Pointer;
        if ((ulong)at < (ulong)_touches.Length)
        {
            CheckWrite((int)at, size, thread);
        }
    }

    public void Dispose() => _memory.Dispose();

    private static int Aligned(int bytes) => (bytes + 255) / 256 * 256;

    private void CheckRead(int at, int size, EmulatedThread thread)
    {
        int me = thread.Linear + 1, epoch = thread.Group.Epoch, warpEpoch = thread.Group.WarpEpochOf(thread);
        for (int i = at; i < at + size; i++)
        {
            ref Touch touch = ref _touches[i];
            if (!touch.Written)
            {
                throw thread.Error($"reads byte {i} of shared memory, which nobody has written");
            }
            if (touch.Writer != me && touch.WriterEpoch == epoch && Meets(touch.Writer, touch.WriterWarpEpoch, thread, warpEpoch))
            {
                throw thread.Error($"reads byte {i} of shared memory, which thread {touch.Writer - 1} writes without a barrier between them");
            }
            bool other = touch.Reader != Nobody && touch.Reader != me && touch.ReaderEpoch == epoch;
            (touch.Reader, touch.ReaderEpoch, touch.ReaderWarpEpoch) = (other ? Several : me, epoch, warpEpoch);
        }
    }

    private void CheckWrite(int at, int size, EmulatedThread thread)
    {
        int me = thread.Linear + 1, epoch = thread.Group.Epoch, warpEpoch = thread.Group.WarpEpochOf(thread);
        for (int i = at; i < at + size; i++)
        {
            ref Touch touch = ref _touches[i];
            if (touch.Written && touch.Writer != me && touch.WriterEpoch == epoch && Meets(touch.Writer, touch.WriterWarpEpoch, thread, warpEpoch))
            {
                throw thread.Error($"writes byte {i} of shared memory, which thread {touch.Writer - 1} writes without a barrier between them");
            }
            if (touch.Reader != Nobody && touch.Reader != me && touch.ReaderEpoch == epoch
                && (touch.Reader == Several ? touch.ReaderWarpEpoch == warpEpoch : Meets(touch.Reader, touch.ReaderWarpEpoch, thread, warpEpoch)))
            {
                string reader = touch.Reader == Several ? "other threads read" : $"thread {touch.Reader - 1} reads";
                throw thread.Error($"writes byte {i} of shared memory, which {reader} without a barrier between them");
            }
            (touch.Written, touch.Writer, touch.WriterEpoch, touch.WriterWarpEpoch) = (true, me, epoch, warpEpoch);
        }
    }

    /// <summary>Within a warp a shuffle or warp barrier in between is enough.</summary>
    private static bool Meets(int other, int otherWarpEpoch, EmulatedThread thread, int warpEpoch)
        => (other - 1) / Warp.Size != thread.Linear / Warp.Size || otherWarpEpoch == warpEpoch;
}
