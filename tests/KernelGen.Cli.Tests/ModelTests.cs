using KernelGen.Formats;
using KernelGen.Models;
using KernelGen.Tests;

namespace KernelGen.Cli.Tests;

/// <summary>The commands on whole models, with the declared formats.</summary>
public sealed class ModelTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private static Cli Run(params string[] args) => Cli.RunWith(DeclaredFormats.Catalog, new Cli.FixedSource(), default, args);

    private static float[] Wave(int count, float frequency) =>
        [.. Enumerable.Range(0, count).Select(i => MathF.Sin(i * frequency) * (1 + i % 7))];

    private string Model()
    {
        string path = _scratch["model.safetensors"];
        if (!File.Exists(path))
        {
            SafetensorsWriter.Write(
                path,
                [
                    new("a.weight", SafetensorsDtype.F32, [64, 256], s => RawFloatFile.Write(s, Wave(64 * 256, 0.37f))),
                    new("b.weight", SafetensorsDtype.F32, [32, 512], s => RawFloatFile.Write(s, Wave(32 * 512, 0.11f))),
                    new("norm", SafetensorsDtype.F32, [256], s => RawFloatFile.Write(s, Wave(256, 0.5f))),
                ],
                new Dictionary<string, string> { ["format"] = "pt" }
            );
        }
        return path;
    }

    [Fact]
    public void Inspect_shows_tensors_types_and_metadata()
    {
        Cli shown = Run("inspect", Model()).Succeeds();
        Assert.Contains("safetensors, 3 tensors, 33024 values in 129.00 KiB, 32.00 bits per weight", shown.Out, StringComparison.Ordinal);
        Assert.Contains("format = pt", shown.Out, StringComparison.Ordinal);
        Assert.Equal(
            ["a.weight", "b.weight", "norm"],
            Run("inspect", Model(), "-o", "json")
                .Succeeds()
                .Rows.Select(row => row.GetProperty("tensor").GetString())
                .Order(StringComparer.Ordinal)
        );
        Assert.Equal("pt", Run("inspect", Model(), "-o", "json", "--metadata").Succeeds().Rows[0].GetProperty("value").GetString());
        Run("inspect", _scratch.Write("x.gguf", [1, 2, 3])).Fails(1, "x.gguf: the file has 3 bytes; a GGUF file starts with 24 bytes");
        Run("inspect", _scratch["absent.gguf"]).Fails(1, "absent.gguf");
    }

    [Fact]
    public void A_model_is_quantised_verified_and_converted()
    {
        string gguf = _scratch["out.gguf"],
            tensors = _scratch["out.safetensors"];
        Cli dry = Run("quantize", Model(), gguf, "-f", "q4_0", "--dry-run", "-o", "json").Succeeds();
        Assert.Equal(
            ["q4_0", "q4_0", "F32"],
            dry.Rows.OrderBy(row => row.GetProperty("tensor").GetString()).Select(row => row.GetProperty("after").GetString())
        );
        Assert.False(File.Exists(gguf));
        Run("quantize", Model(), gguf, "-f", "q4_0", "--tensor-type", "^b=q8_0").Succeeds();
        Assert.Contains($"would have {new FileInfo(Quantised("q4_0")).Length} bytes", dry.Error, StringComparison.Ordinal);
        Cli verified = Run("verify", Model(), gguf, "--repack", "-o", "json").Succeeds();
        Assert.Equal(
            ["packs to the same bytes", "packs to the same bytes", "same bytes"],
            verified.Rows.OrderBy(row => row.GetProperty("tensor").GetString()).Select(row => row.GetProperty("verdict").GetString())
        );
        Run("convert", gguf, tensors).Succeeds();
        Run("verify", gguf, tensors).Succeeds();
        Cli bad = Run("verify", Model(), gguf, "--max-error", "1e-4");
        Assert.Equal(1, bad.Code);
        Assert.Contains("a.weight has relative error", bad.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("b.weight has", bad.Error, StringComparison.Ordinal);

        string Quantised(string format)
        {
            Run("quantize", Model(), _scratch["plain.gguf"], "-f", format).Succeeds();
            return _scratch["plain.gguf"];
        }
    }

    [Fact]
    public void Wrong_command_lines_say_what_would_be_right()
    {
        string gguf = _scratch["out.gguf"];
        Run("quantize", Model(), gguf).Fails(2, "name a format with --format");
        Run("quantize", Model(), gguf, "-f", "q4_9").Fails(2, "there is no format 'q4_9'. Did you mean");
        Run("quantize", Model(), gguf, "-f", "q4_0", "--tensor-type", "nothing=q8_0").Fails(2, "matches 'nothing'. Did you mean");
        Run("quantize", Model(), gguf, "-f", "q4_0", "--tensor-type", "a").Fails(2, "'a' is no rule; write REGEX=FORMAT");
        Run("quantize", Model(), gguf, "-f", "q4_0", "--keep", "(").Fails(2, "'(' is no regular expression");
        Run("quantize", Model(), _scratch["out.bin"], "-f", "q4_0").Fails(2, "models are written to .gguf and .safetensors files");
        Run("quantize", Model(), gguf, "-f", "q4_0").Succeeds();
        Run("quantize", Model(), gguf, "-f", "q4_0").Fails(1, "out.gguf exists", "--force");
        Run("quantize", gguf, _scratch["again.gguf"], "-f", "q5_0").Fails(2, "is q4_0 already", "--allow-requantize");
        Run("quantize", gguf, _scratch["again.gguf"], "-f", "q5_0", "--allow-requantize").Succeeds();
        Run("allocate", Model()).Fails(2, "--target-bpw or --target-size");
        Run("allocate", Model(), "--target-size", "3.x").Fails(2, "'3.x' is no size");
        Run("allocate", Model(), "--target-bpw", "0.5").Fails(2, "the smallest formats take");
        Run("compare", "--importance", "x").Fails(2, "name one with --model");
    }

    [Fact]
    public void A_format_that_gguf_cannot_store_is_an_error_and_one_that_few_tensors_take_is_named()
    {
        string gguf = _scratch["out.gguf"],
            narrow = _scratch["narrow.safetensors"];
        foreach (string[] dry in new string[][] { [], ["--dry-run"] })
        {
            Run(["quantize", Model(), gguf, "-f", "higgs4", .. dry])
                .Fails(2, "can be stored in higgs4. a.weight, for example: higgs4 is no type of ggml");
        }
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(gguf)!, "out.gguf*"));
        SafetensorsWriter.Write(
            narrow,
            [
                new("a.weight", SafetensorsDtype.F32, [100, 40], s => RawFloatFile.Write(s, Wave(4000, 0.37f))),
                new("b.weight", SafetensorsDtype.F32, [32, 64], s => RawFloatFile.Write(s, Wave(2048, 0.11f))),
            ]
        );
        const string warning =
            "warning: only 33.9% of the weights are quantised; 1 tensors are as they were, the largest, a.weight: kept: its rows";
        Assert.Contains(
            warning,
            Run("quantize", narrow, gguf, "-f", "q4_0").Succeeds().Error.TrimEnd().Split('\n')[^1],
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            "are as they were",
            Run("quantize", Model(), gguf, "-f", "q4_0", "--force").Succeeds().Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_checkpoint_goes_to_gguf_and_back_into_a_folder()
    {
        string model = new TinyCheckpoint("llama", SafetensorsDtype.BF16).Write(_scratch["in"]),
            gguf = _scratch["out.gguf"],
            back = _scratch["back"] + Path.DirectorySeparatorChar;
        Run("convert", model, gguf).Succeeds();
        Run("convert", gguf, back).Succeeds();
        Assert.Equal(["config.json", "model.safetensors"], Directory.GetFiles(back).Select(Path.GetFileName).Order());
        Assert.Equal(File.ReadAllText(_scratch["in/config.json"]), File.ReadAllText(back + "config.json"));
        Assert.All(Run("verify", _scratch["in"], back, "-o", "json").Succeeds().Rows, row =>
            Assert.Equal("same bytes", row.GetProperty("verdict").GetString())
        );
        Run("convert", gguf, back).Fails(1, "model.safetensors exists");
        File.Delete(back + "model.safetensors");
        Run("convert", gguf, back).Fails(1, "config.json exists");
        Assert.False(File.Exists(back + "model.safetensors"));
        Run("convert", gguf, back, "--force").Succeeds();
        Run("convert", gguf, _scratch["kept.safetensors"], "--keep-names").Succeeds();
        Assert.Contains("blk.1.attn_q.weight", Run("inspect", _scratch["kept.safetensors"]).Succeeds().Out, StringComparison.Ordinal);
        Run("quantize", gguf, _scratch["packed"] + "/", "-f", "higgs4", "--dry-run").Succeeds();
        Assert.False(Directory.Exists(_scratch["packed"]));
    }

    [Fact]
    public void Compare_reads_the_scales_of_a_dialect_as_quantize_does()
    {
        string coded = _scratch["coded.safetensors"],
            plain = _scratch["plain.safetensors"];
        byte[] codes = [.. Enumerable.Range(0, 512).Select(i => (byte)(i * 37 % 120))];
        float[] scales = [.. Enumerable.Range(1, 8).Select(i => (float)i)];
        SafetensorsWriter.Write(
            coded,
            [
                new("w.weight", SafetensorsDtype.F8E4M3, [8, 64], s => s.Write(codes)),
                new("w.weight_scale", SafetensorsDtype.F32, [8, 1], s => RawFloatFile.Write(s, scales)),
            ]
        );
        Run("convert", coded, plain).Succeeds();
        Assert.Equal(Errors(plain), Errors(coded));

        (string?, double) Errors(string path) =>
            Run("compare", "q4_0", "--tensor", path, "-n", "20000", "-o", "json")
                .Succeeds()
                .Rows.Select(row => (row.GetProperty("tensor").GetString(), row.GetProperty("tensor_mse").GetDouble()))
                .Single();
    }

    [Fact]
    public void A_recipe_and_the_ends_of_a_model_are_named_as_llama_quantize_names_them()
    {
        string model = new TinyCheckpoint("llama").Write(_scratch["in"]),
            gguf = _scratch["out.gguf"];
        Assert.Equal(("q4_k", "q6_k", "q5_k"), Types("--recipe", "q4_k_s"));
        Assert.Equal(
            ("q8_0", "q5_k", "q3_k"),
            Types("--recipe", "Q4_K_S", "--token-embedding-type", "q8_0", "--output-tensor-type", "q5_k", "--tensor-type", "attn_v=q3_k")
        );
        Assert.Equal(("q8_0", "q5_k", "F32"), Types("--token-embedding-type", "q8_0", "--output-tensor-type", "q5_k"));
        Run("quantize", model, gguf, "--recipe", "q4_k_x").Fails(2, "there is no recipe 'q4_k_x'", "q4_k_s");
        Run("quantize", model, gguf, "--recipe", "q4_k_m", "-f", "q4_k").Fails(2, "--recipe and --format");
        Run("quantize", model, _scratch["o.safetensors"], "--recipe", "q4_k_m").Fails(2, "recipes are rules for llama.cpp's names");

        (string?, string?, string?) Types(params string[] options)
        {
            Dictionary<string, string?> after = Run(["quantize", model, gguf, "--dry-run", "-o", "json", .. options])
                .Succeeds()
                .Rows.ToDictionary(row => row.GetProperty("tensor").GetString()!, row => row.GetProperty("after").GetString());
            return (after["token_embd.weight"], after["output.weight"], after["blk.0.attn_v.weight"]);
        }
    }

    [Fact]
    public void An_allocation_keeps_its_promise_when_quantised_by_its_rules()
    {
        string rules = _scratch["rules.txt"],
            output = _scratch["out.safetensors"];
        Cli allocated = Run(
                "allocate",
                Model(),
                "--target-bpw",
                "4.5",
                "--rules",
                rules,
                "-o",
                "json",
                "--format",
                "q4_0,q8_0,int2-g32,int3-g32,nvfp4"
            )
            .Succeeds();
        long promised = allocated.Rows.Sum(row => row.GetProperty("bytes").GetInt64()) + 256 * 4;
        Assert.InRange(promised * 8.0 / 33024, 3, 4.5);
        Assert.Contains("the allocation costs", allocated.Error, StringComparison.Ordinal);
        Run("quantize", Model(), output, "--tensor-types", rules).Succeeds();
        using ModelFile model = ModelFile.Open(output, DeclaredFormats.Catalog);
        Assert.Equal(promised, model.Bytes);
        double[] costs =
        [
            .. Run("allocate", Model(), "--pareto", "-o", "json", "--format", "q4_0,q8_0,int3-g32")
                .Succeeds()
                .Rows.Select(row => row.GetProperty("cost").GetDouble()),
        ];
        Assert.Equal(costs.OrderDescending(), costs);
    }

    [Fact]
    public void Formats_are_compared_on_a_model()
    {
        Cli compared = Run("compare", "--model", Model(), "q4_0", "q8_0", "-o", "json").Succeeds();
        Assert.Equal(6, compared.Rows.Length); // two formats on two tensors and on all
        Assert.All(compared.Rows, row => Assert.InRange(row.GetProperty("mse").GetDouble(), 1e-6, 0.02));
        Assert.Equal(2, Run("compare", "--model", Model(), "q4_0", "q8_0", "--summary", "-o", "json").Succeeds().Rows.Length);
    }

    [Fact]
    public void A_byte_level_llama_is_scored_before_and_after()
    {
        string model = Llama(),
            text = _scratch.Write(
                "text.txt",
                System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("the quick brown fox. ", 8)))
            );
        Cli before = Run("eval", model, text, "--context", "32", "-o", "json").Succeeds();
        double loss = before.Rows[0].GetProperty("loss").GetDouble();
        Assert.InRange(loss, 3, 9);
        Assert.Equal(Math.Exp(loss), before.Rows[0].GetProperty("perplexity").GetDouble(), 1e-6);
        Assert.Equal(8 * 21 - 1, before.Rows[0].GetProperty("tokens").GetInt32());
        double saved = 8 - loss / Math.Log(2); // a token is a byte
        Assert.Equal(saved, before.Rows[0].GetProperty("bits_saved").GetDouble(), 1e-6);
        const double multiplies = 2 * 64 * 64 + 2 * 32 * 64 + 3 * 96 * 64 + 256 * 64 + 2 * 64 * 16.5;
        double flop = saved / before.Rows[0].GetProperty("bits_saved_per_gflop").GetDouble() * 1e9;
        Assert.Equal(2 * multiplies, flop, 0.01);
        Run("quantize", model, _scratch["llama.gguf"], "-f", "q8_0").Succeeds();
        Cli after = Run(
                "eval",
                _scratch["llama.gguf"],
                text,
                "--context",
                "32",
                "--against",
                model,
                "--sensitivity",
                _scratch["s.csv"],
                "-o",
                "json"
            )
            .Succeeds();
        Assert.InRange(after.Rows[0].GetProperty("kl_divergence").GetDouble(), 1e-9, 1e-2);
        Assert.InRange(Math.Abs(after.Rows[0].GetProperty("loss_difference").GetDouble()), 1e-9, 0.05);
        Run("allocate", model, "--target-bpw", "6", "--format", "q4_0,q8_0", "--sensitivity", _scratch["s.csv"]).Succeeds();
        Run("eval", Model(), text).Fails(1, "it has no hyper-parameters");
    }

    private string Llama()
    {
        string folder = Directory.CreateDirectory(_scratch["llama"]).FullName,
            path = Path.Combine(folder, "model.safetensors");
        File.WriteAllText(
            Path.Combine(folder, "config.json"),
            """{"hidden_size":64,"intermediate_size":96,"num_hidden_layers":1,"num_attention_heads":4,"num_key_value_heads":2,"vocab_size":256,"tie_word_embeddings":true}"""
        );
        (string Name, long[] Shape)[] tensors =
        [
            ("model.embed_tokens.weight", [256, 64]),
            ("model.norm.weight", [64]),
            ("model.layers.0.input_layernorm.weight", [64]),
            ("model.layers.0.post_attention_layernorm.weight", [64]),
            ("model.layers.0.self_attn.q_proj.weight", [64, 64]),
            ("model.layers.0.self_attn.k_proj.weight", [32, 64]),
            ("model.layers.0.self_attn.v_proj.weight", [32, 64]),
            ("model.layers.0.self_attn.o_proj.weight", [64, 64]),
            ("model.layers.0.mlp.gate_proj.weight", [96, 64]),
            ("model.layers.0.mlp.up_proj.weight", [96, 64]),
            ("model.layers.0.mlp.down_proj.weight", [64, 96]),
        ];
        SafetensorsWriter.Write(
            path,
            tensors.Select(
                (tensor, i) =>
                {
                    float[] values = Wave((int)tensor.Shape.Aggregate(1L, (a, b) => a * b), 0.7f + 0.013f * i);
                    return new SafetensorsEntry(tensor.Name, SafetensorsDtype.F32, tensor.Shape, s =>
                        RawFloatFile.Write(s, [.. values.Select(value => tensor.Shape.Length == 1 ? 1 : value * 0.04f)])
                    );
                }
            )
        );
        return path;
    }
}
