using System.Runtime.InteropServices;

namespace KernelGen.Kernels.Products.MachineCode;

/// <summary>Pages of code. They are written, then made executable: never both at once.</summary>
internal static unsafe class ExecutableMemory
{
    private const int Read = 1,
        Write = 2,
        Execute = 4,
        Private = 2,
        Anonymous = 32;

    /// <summary>Where a function begins: the start of a cache line.</summary>
    private const int Alignment = 64;

    /// <summary>Copies functions to executable pages, which stay until the process ends.</summary>
    /// <param name="count">Number of functions.</param>
    /// <param name="code">The bytes of each.</param>
    /// <param name="entries">Receives where each begins.</param>
    /// <returns>Null, or why the system refuses.</returns>
    public static string? Load(int count, Func<int, ReadOnlySpan<byte>> code, out nint[] entries)
    {
        entries = new nint[count];
        int length = 0;
        for (int i = 0; i < count; i++)
        {
            length += (code(i).Length + Alignment - 1) & -Alignment;
        }
        nint pages = Map(0, (nuint)length, Read | Write, Private | Anonymous, -1, 0);
        if (pages == -1)
        {
            return $"the system gives no memory for {length} bytes of code: {Marshal.GetLastPInvokeErrorMessage()}";
        }
        int at = 0;
        for (int i = 0; i < count; i++)
        {
            code(i).CopyTo(new Span<byte>((byte*)pages + at, length - at));
            entries[i] = pages + at;
            at += (code(i).Length + Alignment - 1) & -Alignment;
        }
        return Protect(pages, (nuint)length, Read | Execute) == 0
            ? null
            : $"the system does not allow executable memory: {Marshal.GetLastPInvokeErrorMessage()}";
    }

    [DllImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static extern nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static extern int Protect(nint address, nuint length, int protection);
}
