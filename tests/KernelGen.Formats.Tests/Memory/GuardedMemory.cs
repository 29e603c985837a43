using System.Runtime.InteropServices;

namespace KernelGen.Formats.Tests.Memory;

/// <summary>Memory between two inaccessible pages: reading or writing a byte in front of it or behind it ends the process.</summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int ReadWrite = 3,
        PrivateAnonymous = 0x22;

    private readonly byte* _start;
    private readonly nint _guard = Environment.SystemPageSize,
        _size;

    /// <summary>Maps memory.</summary>
    /// <param name="bytes">Bytes, rounded up to whole pages.</param>
    public GuardedMemory(int bytes)
    {
        if (!IsSupported)
        {
            _guard = 0;
            _size = bytes;
            _start = (byte*)NativeMemory.AllocZeroed((nuint)bytes);
            return;
        }
        _size = (bytes + _guard - 1) / _guard * _guard;
        _start = (byte*)Map(0, _size + 2 * _guard, ReadWrite, PrivateAnonymous, -1, 0);
        if ((nint)_start == -1 || Protect((nint)_start, _guard, 0) != 0 || Protect((nint)_start + _guard + _size, _guard, 0) != 0)
        {
            throw new InvalidOperationException($"mmap or mprotect: error {Marshal.GetLastPInvokeError()}");
        }
    }

    /// <summary>Whether the system's calls are known here; elsewhere memory is plain.</summary>
    private static bool IsSupported => OperatingSystem.IsLinux();

    /// <summary>Address of the last bytes, right before the guard.</summary>
    /// <param name="bytes">How many.</param>
    public nint Last(nint bytes) => (nint)_start + _guard + _size - bytes;

    /// <summary>Address of the first byte, right behind the guard.</summary>
    public nint First => (nint)_start + _guard;

    public void Dispose()
    {
        if (IsSupported)
        {
            _ = Unmap((nint)_start, _size + 2 * _guard);
        }
        else
        {
            NativeMemory.Free(_start);
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nint length);
}
