using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using LLama;
using LLama.Common;
using LLama.Native;

namespace KernelGen.Client.Tests;

/// <summary>llama.cpp on the CPU, as LLamaSharp ships it.</summary>
internal static class LlamaCpp
{
    static LlamaCpp()
    {
        string package = typeof(LlamaCpp)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "LlamaRuntimes")
            .Value!;
        string folder = Path.Combine(package, "LLamaSharpRuntimes", Platform, "native", Avx512F.IsSupported ? "avx512" : "avx2");
        foreach (string library in new[] { "ggml-base", "ggml-cpu", "ggml" })
        {
            NativeLibrary.Load(FileOf(library)); // libllama finds them by name then
        }
        NativeLibraryConfig.LLama.WithLibrary(FileOf("llama")).WithLogCallback((_, message) => Log.Enqueue(message));

        string FileOf(string library) =>
            Path.Combine(
                folder,
                OperatingSystem.IsWindows() ? library + ".dll" : $"lib{library}.{(OperatingSystem.IsMacOS() ? "dylib" : "so")}"
            );
    }

    private static string Platform =>
        OperatingSystem.IsWindows() ? "win-x64"
        : OperatingSystem.IsMacOS() ? "osx-x64"
        : "linux-x64";

    /// <summary>What it says.</summary>
    public static System.Collections.Concurrent.ConcurrentQueue<string> Log { get; } = new();

    /// <summary>Logits after each token of a text.</summary>
    /// <param name="path">A GGUF file.</param>
    /// <param name="tokens">The text.</param>
    /// <param name="exact">Whether keys and values are kept in float32, without flash attention; the defaults if not.</param>
    public static float[][] Logits(string path, int[] tokens, bool exact = true)
    {
        var parameters = new ModelParams(path)
        {
            ContextSize = 512,
            BatchSize = 512,
            UBatchSize = 512,
            Threads = 2,
            GpuLayerCount = 0,
            FlashAttention = exact ? false : null,
            TypeK = exact ? GGMLType.GGML_TYPE_F32 : GGMLType.GGML_TYPE_F16,
            TypeV = exact ? GGMLType.GGML_TYPE_F32 : GGMLType.GGML_TYPE_F16,
        };
        using LLamaWeights weights = LLamaWeights.LoadFromFile(parameters);
        using LLamaContext context = weights.CreateContext(parameters);
        var batch = new LLamaBatch();
        for (int i = 0; i < tokens.Length; i++)
        {
            batch.Add(tokens[i], i, LLamaSeqId.Zero, logits: true);
        }
        Assert.Equal(DecodeResult.Ok, context.Decode(batch));
        return [.. Enumerable.Range(0, tokens.Length).Select(i => context.NativeHandle.GetLogitsIth(i).ToArray())];
    }

    /// <summary>Tokens of a text by the vocabulary of a file.</summary>
    public static int[] Tokens(string path, string text)
    {
        using LLamaWeights weights = LLamaWeights.LoadFromFile(new ModelParams(path) { GpuLayerCount = 0 });
        return [.. weights.Tokenize(text, add_bos: false, special: false, System.Text.Encoding.UTF8).Select(token => (int)token)];
    }
}
