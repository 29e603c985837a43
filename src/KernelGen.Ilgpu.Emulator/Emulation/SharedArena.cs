using System.Runtime.CompilerServices;

namespace ILGPU.Emulation;

/// <summary>
/// The shared memory of a group, and for each of its words who touched it last and between which barriers: a read of what
/// nobody has written and two threads that meet in one place without a barrier between them are errors. Elements of less than
/// a word are looked after byte by byte.
/// </summary>
internal sealed unsafe class SharedArena(int dynamicBytes) : IDisposable
{
    private const int Nobody = 0,
        Several = -1,
        WordBytes = 4,
        Size = Runtime.Accelerator.SharedMemoryBytes;

    private readonly EmulatedMemory _memory = new(Runtime.Accelerator.SharedMemoryBytes);
    private readonly Touch[] _words = new Touch[Runtime.Accelerator.SharedMemoryBytes / WordBytes];
    private Touch[] _bytes = [];
    private readonly Dictionary<int, int> _sites = [];
    private int _used = Aligned(dynamicBytes);

    private struct Touch
    {
        public bool Written;
        public int Writer,
            WriterEpoch,
            WriterWarpEpoch;
        public int Reader,
            ReaderEpoch,
            ReaderWarpEpoch;
    }

    /// <summary>Forgets the last group; arrays of the same kernel stay where they are.</summary>
    public void Clear()
    {
        Array.Clear(_words, 0, _used / WordBytes);
        Array.Clear(_bytes);
    }

    public ArrayView<T> At<T>(int site, int extent)
        where T : unmanaged
    {
        if (!_sites.TryGetValue(site, out int offset))
        {
            offset = _used;
            _used += Aligned(extent * sizeof(T));
            if (_used > Size)
            {
                EmulationException.Throw($"{_used} bytes of shared memory are needed, there are {Size}");
            }
            _sites[site] = offset;
        }
        return new ArrayView<T>(_memory, offset, extent);
    }

    public ArrayView<T> Dynamic<T>()
        where T : unmanaged => new(_memory, 0, dynamicBytes / sizeof(T));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnRead(ref byte address, int size, EmulatedThread thread)
    {
        long at = (nint)Unsafe.AsPointer(ref address) - _memory.Pointer;
        if ((ulong)at < (ulong)Size)
        {
            CheckRead((int)at, size, thread);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnWrite(ref byte address, int size, EmulatedThread thread)
    {
        long at = (nint)Unsafe.AsPointer(ref address) - _memory.Pointer;
        if ((ulong)at < (ulong)Size)
        {
            CheckWrite((int)at, size, thread);
        }
    }

    public void Dispose() => _memory.Dispose();

    private static int Aligned(int bytes) => (bytes + 255) / 256 * 256;

    private void CheckRead(int at, int size, EmulatedThread thread)
    {
        int epoch = thread.Group.Epoch,
            warpEpoch = thread.Group.WarpEpochOf(thread);
        if (size < WordBytes)
        {
            for (int i = at; i < at + size; i++)
            {
                ref Touch touch = ref Bytes()[i];
                touch.Written |= _words[i / WordBytes].Written;
                CheckRead(ref touch, i, epoch, warpEpoch, thread);
            }
            return;
        }
        for (int i = at / WordBytes; i < (at + size) / WordBytes; i++)
        {
            CheckRead(ref _words[i], i * WordBytes, epoch, warpEpoch, thread);
        }
    }

    private static void CheckRead(ref Touch touch, int at, int epoch, int warpEpoch, EmulatedThread thread)
    {
        int me = thread.Linear + 1;
        if (!touch.Written)
        {
            throw thread.Error($"reads byte {at} of shared memory, which nobody has written");
        }
        if (
            touch.Writer != me
            && touch.Writer != Nobody
            && touch.WriterEpoch == epoch
            && Meets(touch.Writer, touch.WriterWarpEpoch, thread, warpEpoch)
        )
        {
            throw thread.Error($"reads byte {at} of shared memory, which thread {touch.Writer - 1} writes without a barrier between them");
        }
        bool other = touch.Reader != Nobody && touch.Reader != me && touch.ReaderEpoch == epoch;
        (touch.Reader, touch.ReaderEpoch, touch.ReaderWarpEpoch) = (other ? Several : me, epoch, warpEpoch);
    }

    private void CheckWrite(int at, int size, EmulatedThread thread)
    {
        int epoch = thread.Group.Epoch,
            warpEpoch = thread.Group.WarpEpochOf(thread);
        if (size < WordBytes)
        {
            for (int i = at; i < at + size; i++)
            {
                CheckWrite(ref Bytes()[i], i, epoch, warpEpoch, thread);
            }
            return;
        }
        for (int i = at / WordBytes; i < (at + size) / WordBytes; i++)
        {
            CheckWrite(ref _words[i], i * WordBytes, epoch, warpEpoch, thread);
        }
    }

    private static void CheckWrite(ref Touch touch, int at, int epoch, int warpEpoch, EmulatedThread thread)
    {
        int me = thread.Linear + 1;
        if (
            touch.Written
            && touch.Writer != me
            && touch.Writer != Nobody
            && touch.WriterEpoch == epoch
            && Meets(touch.Writer, touch.WriterWarpEpoch, thread, warpEpoch)
        )
        {
            throw thread.Error($"writes byte {at} of shared memory, which thread {touch.Writer - 1} writes without a barrier between them");
        }
        if (
            touch.Reader != Nobody
            && touch.Reader != me
            && touch.ReaderEpoch == epoch
            && (
                touch.Reader == Several ? touch.ReaderWarpEpoch == warpEpoch : Meets(touch.Reader, touch.ReaderWarpEpoch, thread, warpEpoch)
            )
        )
        {
            string reader = touch.Reader == Several ? "other threads read" : $"thread {touch.Reader - 1} reads";
            throw thread.Error($"writes byte {at} of shared memory, which {reader} without a barrier between them");
        }
        (touch.Written, touch.Writer, touch.WriterEpoch, touch.WriterWarpEpoch) = (true, me, epoch, warpEpoch);
    }

    private Touch[] Bytes() => _bytes.Length > 0 ? _bytes : _bytes = new Touch[Size];

    /// <summary>Within a warp a shuffle or warp barrier in between is enough.</summary>
    private static bool Meets(int other, int otherWarpEpoch, EmulatedThread thread, int warpEpoch) =>
        (other - 1) / Warp.Size != thread.Linear / Warp.Size || otherWarpEpoch == warpEpoch;
}
