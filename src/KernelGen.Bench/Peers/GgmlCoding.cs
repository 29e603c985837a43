using System.Runtime.InteropServices;

namespace KernelGen.Bench;

/// <summary>ggml's functions that quantise and dequantise whole rows of one type: the peer of packing and unpacking.</summary>
internal sealed class GgmlCoding
{
    /// <summary>Where the functions lie in ggml's tables, <c>ggml_type_traits</c> and <c>ggml_type_traits_cpu</c>.</summary>
    private const int ToFloat = 40,
        FromFloatReference = 48,
        FromFloatCpu = 0;

    private GgmlCoding(nint traits, nint cpuTraits)
    {
        Decoder = Function<Decode>(traits, ToFloat);
        Encoders = [.. new[] { Function<Encode>(cpuTraits, FromFloatCpu), Function<Encode>(traits, FromFloatReference) }.OfType<Encode>()];
    }

    /// <summary>Quantises weights (the first argument) to blocks; the CPU's own function and the reference, where they exist.</summary>
    public IReadOnlyList<Encode> Encoders { get; }

    /// <summary>Dequantises blocks; null where ggml can not.</summary>
    public Decode? Decoder { get; }

    /// <summary>ggml's functions for the bytes of a format; null if it has no such type.</summary>
    /// <param name="library">ggml, or null.</param>
    /// <param name="format">The format.</param>
    /// <param name="columns">Columns, which have to be whole blocks.</param>
    public static GgmlCoding? Of(GgmlLibrary? library, CompressedFormat format, int columns) =>
        library?.TypeOf(format) is { } type && columns % library.Block(type) == 0
            ? new(library.Base<Traits>("ggml_get_type_traits")(type), library.Cpu<Traits>("ggml_get_type_traits_cpu")(type))
            : null;

    private static T? Function<T>(nint table, int offset)
        where T : Delegate =>
        Marshal.ReadIntPtr(table, offset) is var function && function != 0 ? Marshal.GetDelegateForFunctionPointer<T>(function) : null;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void Encode(float[] weights, byte[] blocks, long count);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void Decode(byte[] blocks, float[] weights, long count);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint Traits(int type);
}
