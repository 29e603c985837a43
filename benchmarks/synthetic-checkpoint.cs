#:project ../src/KernelGen.Models/KernelGen.Models.csproj
#:property GenerateDocumentationFile=false
#:property PublishAot=false

// Writes a sharded safetensors checkpoint of random bfloat16 weights in the shapes and under the names of a Llama, to measure
// `kernelgen quantize` on more than fits into memory:
//
//     dotnet run benchmarks/synthetic-checkpoint.cs -- FOLDER [GiB=4]
//
// Values are Gaussian with a standard deviation of 0.02, the same in every run.

using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using KernelGen.Kernels.Elements;
using KernelGen.Models;

if (args.Length is < 1 or > 2 || args.Length == 2 && !double.TryParse(args[1], System.Globalization.CultureInfo.InvariantCulture, out _))
{
    Console.Error.WriteLine("usage: dotnet run benchmarks/synthetic-checkpoint.cs -- FOLDER [GiB]");
    return 2;
}
string folder = Directory.CreateDirectory(args[0]).FullName;
double gib = args.Length == 2 ? double.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 4;
const long hidden = 2048,
    feedForward = 5632,
    keyValues = 256,
    vocabulary = 32_000;
(string Name, long[] Shape)[] perLayer =
[
    ("self_attn.q_proj.weight", [hidden, hidden]),
    ("self_attn.k_proj.weight", [keyValues, hidden]),
    ("self_attn.v_proj.weight", [keyValues, hidden]),
    ("self_attn.o_proj.weight", [hidden, hidden]),
    ("mlp.gate_proj.weight", [feedForward, hidden]),
    ("mlp.up_proj.weight", [feedForward, hidden]),
    ("mlp.down_proj.weight", [hidden, feedForward]),
    ("input_layernorm.weight", [hidden]),
    ("post_attention_layernorm.weight", [hidden]),
];
static long Values(long[] shape) => shape.Aggregate(1L, (product, length) => product * length);
long layerBytes = 2 * perLayer.Sum(tensor => Values(tensor.Shape)),
    outerBytes = 2 * 2 * vocabulary * hidden + 2 * hidden;
int layers = (int)Math.Max(1, Math.Ceiling((gib * (1L << 30) - outerBytes) / layerBytes));

List<(string Name, long[] Shape)> tensors = [("model.embed_tokens.weight", [vocabulary, hidden])];
tensors.AddRange(
    Enumerable.Range(0, layers).SelectMany(layer => perLayer.Select(tensor => ($"model.layers.{layer}.{tensor.Name}", tensor.Shape)))
);
tensors.AddRange([("model.norm.weight", [hidden]), ("lm_head.weight", [vocabulary, hidden])]);

// A pool of values, from which each tensor takes runs at other places: writing is then as fast as the disk.
var random = new Random(2026);
var pool = new ushort[(1 << 22) + 12_289];
for (int i = 0; i < pool.Length; i++)
{
    double value = 0.02 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    pool[i] = KernelGen.Kernels.Elements.ScaleCodec.ToBFloat16((float)value);
}
const long shardBytes = 2L << 30;
List<List<(string Name, long[] Shape)>> shards =
[
    [],
];
long filled = 0;
foreach (var tensor in tensors)
{
    if (filled > 0 && filled + 2 * Values(tensor.Shape) > shardBytes)
    {
        shards.Add([]);
        filled = 0;
    }
    shards[^1].Add(tensor);
    filled += 2 * Values(tensor.Shape);
}
var map = new JsonObject();
for (int shard = 0; shard < shards.Count; shard++)
{
    string file = $"model-{shard + 1:D5}-of-{shards.Count:D5}.safetensors";
    SafetensorsWriter.Write(
        Path.Combine(folder, file),
        shards[shard]
            .Select(tensor => new SafetensorsEntry(tensor.Name, SafetensorsDtype.BF16, tensor.Shape, stream =>
            {
                int start = Math.Abs(tensor.Name.Aggregate(17, (hash, c) => hash * 31 + c)) % pool.Length;
                for (long left = Values(tensor.Shape); left > 0; )
                {
                    int count = (int)Math.Min(left, pool.Length - start);
                    stream.Write(MemoryMarshal.AsBytes(pool.AsSpan(start, count)));
                    left -= count;
                    start = 0;
                }
            })),
        new Dictionary<string, string> { ["format"] = "pt" },
        overwrite: true
    );
    shards[shard].ForEach(tensor => map[tensor.Name] = file);
}
File.WriteAllText(
    Path.Combine(folder, "model.safetensors.index.json"),
    new JsonObject
    {
        ["metadata"] = new JsonObject { ["total_size"] = 2 * tensors.Sum(tensor => Values(tensor.Shape)) },
        ["weight_map"] = map,
    }.ToJsonString()
);
Console.WriteLine($"{folder}: {layers} layers, {shards.Count} files, {2 * tensors.Sum(tensor => Values(tensor.Shape))} bytes");
return 0;
