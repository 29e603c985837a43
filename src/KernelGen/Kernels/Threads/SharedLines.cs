using System.Runtime.CompilerServices;

namespace KernelGen.Kernels.Threads;

/// <summary>Cache lines that threads share, one a thread: what lies in one costs a single trip between processors.</summary>
internal sealed class SharedLines
{
    /// <summary>Words from one line to the next: two lines, as processors fetch lines in pairs.</summary>
    private const int Step = 16;

    private readonly long[] _words;
    private readonly int _first;

    public unsafe SharedLines(int lines)
    {
        _words = GC.AllocateArray<long>((lines + 1) * Step, pinned: true);
        nint address = (nint)Unsafe.AsPointer(ref _words[0]);
        _first = (int)(-address & (Step * sizeof(long) - 1)) / sizeof(long);
    }

    /// <summary>What is left of the units that a thread owns (<see cref="Stretch"/>).</summary>
    public ref long Stretch(int line) => ref _words[_first + line * Step];

    /// <summary>What a thread does.</summary>
    public ref long State(int line) => ref _words[_first + line * Step + 1];

    /// <summary>Whether it sleeps.</summary>
    public ref long Asleep(int line) => ref _words[_first + line * Step + 2];
}
