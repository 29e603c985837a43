using System.Runtime.InteropServices;

namespace KernelGen.Bench;

/// <summary>
/// A BLAS library loaded by path, whose float32 matmul is measured next to our dense products. Only cblas's own function is called, and
/// OpenBLAS's for the number of threads where it is there.
/// </summary>
internal sealed class BlasLibrary
{
    /// <summary>Names the library where no option does.</summary>
    public const string Variable = "KERNELGEN_PEER_BLAS";

    private const int RowMajor = 101,
        Plain = 111,
        Transposed = 112;

    private readonly Product _product;
    private readonly SetThreads? _setThreads;

    private BlasLibrary(string file)
    {
        try
        {
            nint library = NativeLibrary.Load(file);
            _product = Marshal.GetDelegateForFunctionPointer<Product>(NativeLibrary.GetExport(library, "cblas_sgemm"));
            _setThreads = NativeLibrary.TryGetExport(library, "openblas_set_num_threads", out nint set)
                ? Marshal.GetDelegateForFunctionPointer<SetThreads>(set)
                : null;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new PeerException($"{file} cannot be used as a BLAS library: {e.Message.Split('\n')[0]} It has to export cblas_sgemm.");
        }
    }

    /// <summary>Loads the library of a path, or the one that <see cref="Variable"/> names.</summary>
    /// <returns>Null where neither is given.</returns>
    /// <exception cref="PeerException">It is no BLAS library.</exception>
    public static BlasLibrary? Find(string? file)
    {
        file ??= Environment.GetEnvironmentVariable(Variable);
        return string.IsNullOrEmpty(file) ? null : new BlasLibrary(file);
    }

    /// <summary>C = A·Bᵀ of square matrices.</summary>
    /// <param name="a">size × size.</param>
    /// <param name="b">size × size.</param>
    /// <param name="c">Receives the product.</param>
    /// <param name="size">Rows and columns.</param>
    /// <param name="threads">Threads, where the library lets them be set.</param>
    public void Multiply(float[] a, float[] b, float[] c, int size, int threads)
    {
        _setThreads?.Invoke(threads);
        _product(RowMajor, Plain, Transposed, size, size, size, 1f, a, size, b, size, 0f, c, size);
    }

    private delegate void Product(
        int order,
        int transposeA,
        int transposeB,
        int m,
        int n,
        int k,
        float alpha,
        float[] a,
        int lda,
        float[] b,
        int ldb,
        float beta,
        float[] c,
        int ldc
    );

    private delegate void SetThreads(int threads);
}
