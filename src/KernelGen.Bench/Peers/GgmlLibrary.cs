using System.Runtime.InteropServices;
using KernelGen.Models;

namespace KernelGen.Bench;

/// <summary>
/// ggml's CPU backend, loaded by path where somebody has built it: the peer that products are measured next to. Only its
/// exported C functions are called, so that any recent build will do.
/// </summary>
internal sealed class GgmlLibrary
{
    /// <summary>Names this folder of libraries where no option does.</summary>
    public const string Variable = "KERNELGEN_PEER_GGML";

    private readonly nint _base,
        _cpu;
    private readonly TypeSize _typeSize;
    private readonly BlockSize _blockSize;

    private GgmlLibrary(string folder)
    {
        _base = Load(folder, "ggml-base");
        _cpu = Load(folder, "ggml-cpu");
        _typeSize = Base<TypeSize>("ggml_type_size");
        _blockSize = Base<BlockSize>("ggml_blck_size");
        Cpu<Nothing>("ggml_cpu_init")();
        Backend = Cpu<NoArgument>("ggml_backend_cpu_init")();
        nint registry = Cpu<NoArgument>("ggml_backend_cpu_reg")();
        Device = Base<Indexed>("ggml_backend_reg_dev_get")(registry, 0);
        PlainBuffers = Base<NoArgument>("ggml_backend_cpu_buffer_type")();
        RepackedBuffers = ExtraBuffers(registry);
    }

    public nint Backend { get; }

    public nint Device { get; }

    /// <summary>Where tensors keep the bytes that files have.</summary>
    public nint PlainBuffers { get; }

    /// <summary>Where ggml repacks weights for its fastest kernels; none in some builds.</summary>
    public nint[] RepackedBuffers { get; }

    /// <summary>Loads the library from a folder, or from the one that <see cref="Variable"/> names.</summary>
    /// <returns>Null where neither is given.</returns>
    /// <exception cref="PeerException">There is no such library.</exception>
    public static GgmlLibrary? Find(string? folder)
    {
        folder ??= Environment.GetEnvironmentVariable(Variable);
        return string.IsNullOrEmpty(folder) ? null : new GgmlLibrary(folder);
    }

    /// <summary>ggml's number of the type that has a format's bytes; null if it has none, or this build another size for it.</summary>
    public int? TypeOf(CompressedFormat format) =>
        GgmlTypes.Of(format.Info) is { } type && _blockSize((int)type.Id) == type.Block && (int)_typeSize((int)type.Id) == type.BlockBytes
            ? (int)type.Id
            : null;

    /// <summary>Weights of a block of a type.</summary>
    public long Block(int type) => _blockSize(type);

    public T Base<T>(string function)
        where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(_base, function));

    public T Cpu<T>(string function)
        where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(_cpu, function));

    private nint[] ExtraBuffers(nint registry)
    {
        nint function = Base<ProcAddress>("ggml_backend_reg_get_proc_address")(registry, "ggml_backend_dev_get_extra_bufts");
        if (function == 0)
        {
            return [];
        }
        nint list = Marshal.GetDelegateForFunctionPointer<OneArgument>(function)(Device);
        var found = new List<nint>();
        for (int i = 0; Marshal.ReadIntPtr(list, i * nint.Size) is var buffers && buffers != 0; i++)
        {
            found.Add(buffers);
        }
        return [.. found];
    }

    private static nint Load(string folder, string name)
    {
        string file =
            OperatingSystem.IsWindows() ? $"{name}.dll"
            : OperatingSystem.IsMacOS() ? $"lib{name}.dylib"
            : $"lib{name}.so";
        string path = Path.Combine(folder, file);
        if (!File.Exists(path))
        {
            throw new PeerException(
                $"ggml: there is no {file} in {folder}; --peer-ggml takes the folder that holds ggml's shared libraries."
            );
        }
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new PeerException($"ggml: {path} cannot be loaded: {e.Message}");
        }
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void Nothing();

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate nint NoArgument();

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate nint OneArgument(nint value);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void Drop(nint value);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate nint Indexed(nint value, nuint index);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate nint Pair(nint first, nint second);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate nint Triple(nint first, nint second, nint third);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate int Compute(nint backend, nint graph);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    [return: MarshalAs(UnmanagedType.U1)]
    public delegate bool Ask(nint first, nint second);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void Number(nint value, int number);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate nint NewMatrix(nint context, int type, long columns, long rows);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void SetBytes(nint tensor, byte[] data, nuint offset, nuint size);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void SetFloats(nint tensor, float[] data, nuint offset, nuint size);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void GetFloats(nint tensor, [Out] float[] data, nuint offset, nuint size);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate nint Init(ContextParameters parameters);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nuint TypeSize(int type);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate long BlockSize(int type);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint ProcAddress(nint registry, [MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    /// <summary>What a ggml context is made with.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ContextParameters
    {
        public nuint MemorySize;
        public nint Memory;

        [MarshalAs(UnmanagedType.U1)]
        public bool NoAllocation;
    }
}
