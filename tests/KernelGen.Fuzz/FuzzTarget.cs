using System.Text;
using KernelGen.Models;
using KernelGen.Scaling;
using KernelGen.Training;

namespace KernelGen.Fuzz;

/// <summary>A parser to fuzz: it reads its bytes, or refuses them with the one exception that its callers turn into a line.</summary>
internal sealed record FuzzTarget(string Name, Action<byte[]> Parse, string[] Words, params byte[][] Seeds)
{
    public static readonly FuzzTarget[] All =
    [
        new("gguf", Gguf, ["GGUF", "general.alignment", "general.architecture"], Encoding.ASCII.GetBytes("GGUF\x3\0\0\0")),
        new(
            "safetensors",
            Safetensors,
            ["\"dtype\":", "\"shape\":", "\"data_offsets\":", "\"__metadata__\":", "\"F32\"", "\"BF16\"", "[1,2]", "{}"],
            SafetensorsSeed()
        ),
        new(
            "sweep",
            json => SweepDocument.Parse(Text(json), "fuzz.json"),
            [
                "\"blocks\":",
                "\"defaults\":",
                "\"sizes\":",
                "\"weights\":",
                "\"methods\":",
                "\"seeds\":",
                "\"tokensPerParameter\":",
                "[1,2]",
            ],
            Encoding.UTF8.GetBytes("""{"name":"x","defaults":{"tokensPerParameter":9},"blocks":[{"sizes":["12k"],"weights":["int4"]}]}""")
        ),
        new(
            "runs",
            Runs,
            ["params,", "tokens,", "flops,", "loss", "sep=;", "\"", "\r\n", "NaN", "1e9", "#"],
            Encoding.UTF8.GetBytes("params,tokens,loss,weights\n1e8,2e9,3.1,int4\n2e8,4e9,2.9,dense\n"),
            Encoding.UTF8.GetBytes("{\"params\":1e8,\"tokens\":2e9,\"loss\":3.1}\n[{\"params\":1}]")
        ),
    ];

    /// <summary>Parses; what is not a refusal is a fault of the parser.</summary>
    /// <returns>Whether the bytes were read.</returns>
    public bool Reads(byte[] bytes)
    {
        try
        {
            Parse(bytes);
            return true;
        }
        catch (Exception e) when (e is ModelFormatException or RunTableException or SweepException)
        {
            return false;
        }
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static void Gguf(byte[] file)
    {
        GgufHeader header = GgufHeader.Parse(file, "fuzz.gguf");
        foreach (GgufValue value in header.Metadata.Select(entry => entry.Value))
        {
            _ = value.ToString();
        }
    }

    private static void Safetensors(byte[] file)
    {
        // The part of opening that needs a file is the first check; the rest is the same code.
        ulong length = file.Length < 8 ? ulong.MaxValue : BitConverter.ToUInt64(file);
        if (length <= (ulong)Math.Max(0, file.Length - 8))
        {
            SafetensorsHeader.Parse(file.AsSpan(8, (int)length), file.Length - 8 - (int)length, "fuzz.safetensors");
        }
    }

    private static void Runs(byte[] file)
    {
        var options = new RunTableOptions { Resolve = name => RepresentationPoint.Dense with { Name = name } };
        string text = Text(file);
        if (text.AsSpan().TrimStart() is ['{' or '[', ..])
        {
            RunTable.ReadJsonLines(new StringReader(text), "fuzz.jsonl", options);
        }
        else
        {
            RunTable.ReadCsv(new StringReader(text), "fuzz.csv", options);
        }
    }

    private static byte[] SafetensorsSeed()
    {
        byte[] json = Encoding.UTF8.GetBytes("""{"__metadata__":{"a":"b"},"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""");
        return [.. BitConverter.GetBytes((long)json.Length), .. json, 0, 0, 0, 0];
    }
}
