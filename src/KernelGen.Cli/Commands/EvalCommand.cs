using System.CommandLine;
using System.Globalization;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Models;
using KernelGen.Reports;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen eval</c>: what a format costs a trained model, in nats a token.</summary>
internal sealed class EvalCommand
{
    private const int ContextByDefault = 512;

    private readonly Argument<string> _model = new("MODEL")
    {
        Description =
            "A Llama in any mix of formats: under Hugging Face's names, with config.json next to it or in its metadata, "
            + "or a GGUF file with llama.cpp's names and metadata.",
    };
    private readonly Argument<string> _text = new("TEXT") { Description = "A text file." };
    private readonly Option<string?> _vocabulary = new("--vocab")
    {
        Description =
            "tokenizer.json, tokenizer.model, or a JSON object of token to number, of which the longest is taken. "
            + "The model's own if not given.",
    };
    private readonly Option<int?> _context = CommonOptions.Length(
        "--context",
        "Tokens of a window; what the model was made for if not given, at most 512."
    );
    private readonly Option<long?> _tokens = new("--tokens")
    {
        Description = "Score so many tokens of the text at most.",
        CustomParser = argument => Numbers.Count(argument),
    };
    private readonly Option<string?> _against = new("--against")
    {
        Description = "The original model: also print the difference of losses and the Kullback-Leibler divergence from it.",
    };
    private readonly Option<string?> _sensitivity = new("--sensitivity")
    {
        Description =
            "Also measure by noise how the loss grows with the relative error of each matrix, and write tensor,sensitivity lines for allocate.",
    };
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly Option<string> _output = CommonOptions.Output();
    private readonly CommandEnvironment _environment;

    private EvalCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new EvalCommand(environment);
        var command = new Command("eval", "Loss and perplexity of a Llama on a text.")
        {
            self._model,
            self._text,
            self._vocabulary,
            self._context,
            self._tokens,
            self._against,
            self._sensitivity,
            self._threads,
            self._force,
            self._output,
        };
        command.SetAction(self.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        if (parsed.GetValue(_sensitivity) is { } path)
        {
            OutputFile.RequireFree(path, parsed.GetValue(_force));
        }
        Parallelism parallelism = CommonOptions.Parallelism(_environment, parsed.GetValue(_threads));
        Vocabulary? given = parsed.GetValue(_vocabulary) is { } words ? Vocabulary.Read(words) : null;
        LlamaModel model;
        Vocabulary vocabulary;
        double bits;
        using (ModelFile opened = ModelFile.Open(parsed.GetRequiredValue(_model), _environment.Catalog))
        {
            model = LlamaModel.Load(opened, _environment.Catalog, parallelism);
            vocabulary = given ?? Vocabulary.Of(opened, model.Config.VocabularySize);
            bits = Sizes.BitsPerWeight(opened.Bytes, opened.Count);
        }
        LlamaModel? reference = parsed.GetValue(_against) is { } against ? Load(against, parallelism) : null;
        (int[] tokens, double bytes) = Tokens(parsed, model, vocabulary);
        int context = parsed.GetValue(_context) ?? Math.Min(ContextByDefault, model.Config.MaxPositions ?? ContextByDefault);
        LlamaScore score = null!;
        var evaluation = new LlamaEvaluation(model, context, reference);
        _environment.Progress.Run("eval", tokens.Length - 1, report =>
            score = evaluation.Score(tokens, (done, loss) =>
                report(done, string.Create(CultureInfo.InvariantCulture, $"tokens, loss {loss:0.0000}"))
            )
        );
        // What a token saves over its bytes as they are, for what it costs to compute.
        double saved = 8 * bytes - score.Loss.Mean / Math.Log(2),
            perGflop = saved / (model.Config.FlopPerToken(context) / 1e9);
        DataTable table = Table(parsed.GetRequiredValue(_model), bits, context, score, saved, perGflop);
        TableWriter.Write(table, parsed.GetRequiredValue(_output), _environment);
        if (parsed.GetValue(_sensitivity) is { } file)
        {
            WriteSensitivities(file, parsed.GetValue(_force), model, tokens, context);
        }
        return ExitCode.Ok;
    }

    private LlamaModel Load(string path, Parallelism parallelism)
    {
        using ModelFile file = ModelFile.Open(path, _environment.Catalog);
        return LlamaModel.Load(file, _environment.Catalog, parallelism);
    }

    /// <summary>The tokens of the text, and the bytes of a token on average.</summary>
    private (int[] Tokens, double Bytes) Tokens(ParseResult parsed, LlamaModel model, Vocabulary vocabulary)
    {
        string file = parsed.GetRequiredValue(_text);
        byte[] text = File.ReadAllBytes(file);
        int[] tokens = vocabulary.Encode(text);
        double bytes = (double)text.Length / tokens.Length;
        int count = (int)Math.Min(tokens.Length, Math.Min(parsed.GetValue(_tokens) ?? int.MaxValue - 1, int.MaxValue - 1) + 1);
        tokens = tokens[..count];
        if (tokens.Length < 2)
        {
            throw new ModelFormatException(file, $"it has {tokens.Length} tokens; 2 are needed, one to predict the other from.");
        }
        int unknown = Array.FindIndex(tokens, token => token < 0 || token >= model.Config.VocabularySize);
        return unknown < 0
            ? (tokens, bytes)
            : throw new ModelFormatException(
                file,
                $"token {unknown} is {tokens[unknown]}, but the model has {model.Config.VocabularySize} tokens. Name its vocabulary with --vocab."
            );
    }

    private static DataTable Table(string model, double bits, int context, LlamaScore score, double saved, double perGflop)
    {
        Column[] compared = score.Difference is null
            ? []
            :
            [
                new("loss_difference", "Δ loss", "0.00000"),
                new("loss_difference_se", "±", "0.00000"),
                new("kl_divergence", "KL divergence", "0.00000"),
                new("kl_divergence_se", "±", "0.00000"),
            ];
        var table = new DataTable([
            new("model", "model"),
            new("bits_per_weight", "bits", "0.00##"),
            new("context", "context"),
            new("tokens", "tokens"),
            new("loss", "loss, nats", "0.0000"),
            new("loss_se", "±", "0.0000"),
            new("perplexity", "perplexity", "0.0000"),
            new("perplexity_se", "±", "0.0000"),
            new("bits_saved", "bits saved", "0.000"),
            new("bits_saved_per_gflop", "per GFLOP", "G4"),
            .. compared,
        ]);
        object?[] more =
            score.Difference is { } difference && score.Divergence is { } divergence
                ? [difference.Mean, difference.StandardError, divergence.Mean, divergence.StandardError]
                : [];
        table.Add([
            model,
            bits,
            context,
            score.Loss.Count,
            score.Loss.Mean,
            score.Loss.StandardError,
            score.Perplexity,
            score.PerplexityError,
            saved,
            perGflop,
            .. more,
        ]);
        return table;
    }

    private void WriteSensitivities(string path, bool force, LlamaModel model, int[] tokens, int context)
    {
        IReadOnlyList<KeyValuePair<string, double>> found = [];
        _environment.Progress.Run("sensitivity", model.Matrices.Count, report =>
            found = new NoiseSensitivity(model, _environment.Catalog, context).Measure(tokens, progress: (done, name) => report(done, name))
        );
        using OutputFile file = OutputFile.Create(path, force);
        using (var writer = new StreamWriter(file.Stream, leaveOpen: true))
        {
            writer.WriteLine("tensor,sensitivity");
            foreach ((string name, double value) in found)
            {
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name},{value:R}"));
            }
        }
        file.Commit();
    }
}
