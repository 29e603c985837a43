namespace KernelGen.Models;

/// <summary><c>general.file_type</c>: llama.cpp's number for the type that most values have (llama.h, enum llama_ftype).</summary>
internal static class GgufFileType
{
    public const string Key = "general.file_type";

    private const string Table = """
        f32 0
        f16 1
        q4_0 2
        q4_1 3
        q8_0 7
        q5_0 8
        q5_1 9
        q2_K 10
        q3_K 12
        q4_K 15
        q5_K 17
        q6_K 18
        iq4_nl 25
        iq4_xs 30
        bf16 32
        tq1_0 36
        tq2_0 37
        mxfp4 38
        """;

    private static readonly Dictionary<string, uint> Numbers = Table
        .Split('\n')
        .Select(line => line.Split(' '))
        .ToDictionary(
            parts => parts[0],
            parts => uint.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture),
            StringComparer.OrdinalIgnoreCase
        );

    /// <summary>The number; null if the type has none.</summary>
    public static uint? Of(IReadOnlyList<PlannedTensor> tensors)
    {
        string? most = tensors
            .Where(tensor => tensor.Target.Ggml is not null)
            .GroupBy(tensor => tensor.Target.Ggml!.Name)
            .MaxBy(group => group.Sum(tensor => tensor.Source.Count))
            ?.Key;
        return most is not null && Numbers.TryGetValue(most, out uint number) ? number : null;
    }
}
