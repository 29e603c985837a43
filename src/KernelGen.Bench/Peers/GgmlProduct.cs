using System.Diagnostics;
using System.Runtime.InteropServices;

namespace KernelGen.Bench;

/// <summary>ggml's product of the same bytes with the same activations, over as many copies as ours has.</summary>
internal sealed class GgmlProduct : IDisposable
{
    /// <summary>Bytes for the headers of tensors and graphs of one copy, far more than they take.</summary>
    private const int HeaderBytes = 1 << 19;

    private const double WarmSeconds = 0.05,
        RepetitionSeconds = 0.01;

    private readonly GgmlLibrary _library;
    private readonly GgmlLibrary.Compute _compute;
    private readonly List<nint> _contexts = [],
        _buffers = [];
    private readonly List<nint> _graphs = [];
    private readonly List<double> _seconds = [];
    private readonly nint _threads;
    private readonly int _results;
    private nint _result;
    private int _calls = 1;

    private GgmlProduct(GgmlLibrary library, bool repacked, int threads, int results)
    {
        _library = library;
        Repacked = repacked;
        _results = results;
        _compute = library.Base<GgmlLibrary.Compute>("ggml_backend_graph_compute");
        _threads = NewThreads(library, threads);
        ThreadCount = threads;
    }

    /// <summary>Whether ggml has repacked the weights.</summary>
    public bool Repacked { get; }

    private int ThreadCount { get; }

    /// <summary>Seconds of a call, over the repetitions.</summary>
    public Sample Seconds => Sample.Of(_seconds);

    /// <summary>The ways in which ggml can multiply a matrix: as it is in files, and repacked. Empty if it has no such type.</summary>
    /// <param name="library">ggml.</param>
    /// <param name="format">The format of <paramref name="packed"/>.</param>
    /// <param name="packed">The matrix.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns, a multiple of the type's block.</param>
    /// <param name="x"><c>batch × columns</c> activations.</param>
    /// <param name="batch">Activation vectors.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="copies">Copies of the matrix that are multiplied in turn.</param>
    public static GgmlProduct[] Of(
        GgmlLibrary library,
        CompressedFormat format,
        byte[] packed,
        int rows,
        int columns,
        float[] x,
        int batch,
        int threads,
        int copies
    )
    {
        if (library.TypeOf(format) is not { } type || columns % library.Block(type) != 0)
        {
            return [];
        }
        var products = new List<GgmlProduct>();
        foreach (
            (nint buffers, bool repacked) in library
                .RepackedBuffers.Select(buffers => (buffers, true))
                .Prepend((library.PlainBuffers, false))
        )
        {
            var product = new GgmlProduct(library, repacked, threads, batch * rows);
            if (product.Build(buffers, type, packed, rows, columns, x, batch, copies))
            {
                products.Add(product);
            }
            else
            {
                product.Dispose();
            }
        }
        return [.. products];
    }

    /// <summary>Runs until the caches are warm, and finds how many calls make a repetition.</summary>
    public void WarmUp()
    {
        Resume();
        long start = Stopwatch.GetTimestamp();
        int call = 0;
        do
        {
            _compute(_library.Backend, _graphs[call++ % _graphs.Count]);
        } while (Stopwatch.GetElapsedTime(start).TotalSeconds < WarmSeconds);
        _calls = (int)Math.Clamp(RepetitionSeconds * call / Stopwatch.GetElapsedTime(start).TotalSeconds, 1, 1_000_000);
        Pause();
    }

    /// <summary>One repetition.</summary>
    public void Repeat()
    {
        Resume();
        _compute(_library.Backend, _graphs[0]); // the threads wake up
        long start = Stopwatch.GetTimestamp();
        for (int call = 0; call < _calls; call++)
        {
            _compute(_library.Backend, _graphs[call % _graphs.Count]);
        }
        _seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds / _calls);
        Pause();
    }

    /// <summary>The results of the last call of the last copy.</summary>
    public float[] Results()
    {
        var values = new float[_results];
        _library.Base<GgmlLibrary.GetFloats>("ggml_backend_tensor_get")(_result, values, 0, (nuint)(4L * _results));
        return values;
    }

    public void Dispose()
    {
        _buffers.ForEach(buffer => _library.Base<GgmlLibrary.Drop>("ggml_backend_buffer_free")(buffer));
        _contexts.ForEach(context => _library.Base<GgmlLibrary.Drop>("ggml_free")(context));
        _buffers.Clear();
        _contexts.Clear();
        // the backend pauses the threads it was last given when it is given others: it must not be left with freed ones
        _library.Cpu<GgmlLibrary.Pair>("ggml_backend_cpu_set_threadpool")(_library.Backend, 0);
        _library.Cpu<GgmlLibrary.Drop>("ggml_threadpool_free")(_threads);
    }

    private static nint NewThreads(GgmlLibrary library, int threads)
    {
        nint parameters = Marshal.AllocHGlobal(4096); // ggml fills a struct of some 530 bytes
        try
        {
            library.Base<GgmlLibrary.Number>("ggml_threadpool_params_init")(parameters, threads);
            return library.Cpu<GgmlLibrary.OneArgument>("ggml_threadpool_new")(parameters);
        }
        finally
        {
            Marshal.FreeHGlobal(parameters);
        }
    }

    /// <summary>Puts this product's threads to work: those of others sleep, or they would take turns with ours.</summary>
    private void Resume()
    {
        _library.Cpu<GgmlLibrary.Drop>("ggml_threadpool_resume")(_threads);
        _library.Cpu<GgmlLibrary.Number>("ggml_backend_cpu_set_n_threads")(_library.Backend, ThreadCount);
        _library.Cpu<GgmlLibrary.Pair>("ggml_backend_cpu_set_threadpool")(_library.Backend, _threads);
    }

    private void Pause() => _library.Cpu<GgmlLibrary.Drop>("ggml_threadpool_pause")(_threads);

    private bool Build(nint weightBuffers, int type, byte[] packed, int rows, int columns, float[] x, int batch, int copies)
    {
        var newMatrix = _library.Base<GgmlLibrary.NewMatrix>("ggml_new_tensor_2d");
        var allocate = _library.Base<GgmlLibrary.Pair>("ggml_backend_alloc_ctx_tensors_from_buft");
        for (int copy = 0; copy < copies; copy++)
        {
            nint weightContext = NewContext(),
                context = NewContext();
            nint weights = newMatrix(weightContext, type, columns, rows);
            nint buffer = allocate(weightContext, weightBuffers);
            if (buffer == 0)
            {
                return false;
            }
            _buffers.Add(buffer);
            nint activations = newMatrix(context, 0, columns, batch); // type 0 is float32
            nint product = _library.Base<GgmlLibrary.Triple>("ggml_mul_mat")(context, weights, activations);
            if (!_library.Base<GgmlLibrary.Ask>("ggml_backend_dev_supports_op")(_library.Device, product))
            {
                return false;
            }
            _buffers.Add(allocate(context, _library.PlainBuffers));
            _library.Base<GgmlLibrary.SetBytes>("ggml_backend_tensor_set")(weights, packed, 0, (nuint)packed.Length);
            _library.Base<GgmlLibrary.SetFloats>("ggml_backend_tensor_set")(activations, x, 0, (nuint)(4L * x.Length));
            nint graph = _library.Base<GgmlLibrary.OneArgument>("ggml_new_graph")(context);
            _library.Base<GgmlLibrary.Pair>("ggml_build_forward_expand")(graph, product);
            _graphs.Add(graph);
            _result = product;
        }
        return true;
    }

    private nint NewContext()
    {
        nint context = _library.Base<GgmlLibrary.Init>("ggml_init")(
            new()
            {
                MemorySize = HeaderBytes,
                Memory = 0,
                NoAllocation = true,
            }
        );
        _contexts.Add(context);
        return context;
    }
}
