using System.Globalization;

namespace KernelGen.Training;

/// <summary>One training run, wholly described: the same description gives the same loss, bit by bit, regardless of the threads.</summary>
public sealed record TrainingSpec
{
    /// <summary>The name of the embedded synthetic language, whose entropy is known.</summary>
    public const string SyntheticData = "synthetic";

    /// <summary>The name of the embedded language of many rules, whose loss is a power law above an entropy that is known.</summary>
    public const string QuantaData = "quanta";

    /// <summary>What <see cref="Parameterisation"/> can be.</summary>
    internal const string StandardParameterisation = "standard",
        Mup = "mup";

    /// <summary>What <see cref="Optimizer"/> can be.</summary>
    internal const string AdamW = "adamw",
        AmsGrad = "amsgrad";

    /// <summary>Decoder layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Width of the residual stream; a multiple of twice the heads, as heads are turned in pairs of coordinates.</summary>
    public required int Width { get; init; }

    /// <summary>Attention heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Width inside the feed-forward layers.</summary>
    public required int Hidden { get; init; }

    /// <summary>Tokens of a sequence.</summary>
    public int Context { get; init; } = 64;

    /// <summary>Tokens to train on. The last step may take more than are left: steps are whole.</summary>
    public required long Tokens { get; init; }

    /// <summary>Tokens of an optimiser step; a multiple of <see cref="Context"/>.</summary>
    public int BatchTokens { get; init; } = 1024;

    /// <summary>Largest learning rate; <see cref="Schedule"/> says when.</summary>
    public required double LearningRate { get; init; }

    /// <summary>
    /// How the learning rate goes, after a rise over a tenth of the steps: <c>cosine</c>, <c>constant</c>, or <c>wsd:cooldown=0.2</c>.
    /// </summary>
    public string Schedule { get; init; } = "cosine";

    /// <summary>Decoupled weight decay of the matrices; norms and learned scales have none.</summary>
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>Seeds the initial weights, the order of the data and all noise.</summary>
    public int Seed { get; init; }

    /// <summary>
    /// How the weights of linear layers are held in the forward pass: an expression as Representation reads it, without activations.
    /// </summary>
    public string Weights { get; init; } = "dense";

    /// <summary>How the inputs of linear layers are held in the forward pass; rows are tokens.</summary>
    public string Activations { get; init; } = "dense";

    /// <summary>
    /// How gradients get through: a name of <c>TrainingMethods</c> with its numbers; "W x A" to name activations' method too.
    /// </summary>
    public string Method { get; init; } = "ste";

    /// <summary>
    /// Share of the steps that are dense, before the representation is put on: 0 for none, 1 for compression after training. Held-out
    /// loss is always that of the representation.
    /// </summary>
    public double QatFrom { get; init; }

    /// <summary>
    /// Whether one schedule goes over the dense steps and the others, so that the end of the schedule falls together with the
    /// representation; if not, each of the two has a schedule of its own.
    /// </summary>
    public bool QatFused { get; init; }

    /// <summary>
    /// How rates and logits depend on the width: <c>standard</c>, not at all, or <c>mup</c>, so that the best rate does not.
    /// </summary>
    public string Parameterisation { get; init; } = StandardParameterisation;

    /// <summary><c>adamw</c> or <c>amsgrad</c>.</summary>
    public string Optimizer { get; init; } = AdamW;

    /// <summary>Whether the embedding is also the head.</summary>
    public bool TiedEmbeddings { get; init; } = true;

    /// <summary><see cref="SyntheticData"/>, <see cref="QuantaData"/>, or the path of a text that is read byte by byte.</summary>
    public string Data { get; init; } = SyntheticData;

    /// <summary>Optimiser steps: <see cref="Tokens"/> over <see cref="BatchTokens"/>, rounded up.</summary>
    public long Steps => BatchTokens > 0 ? (Tokens + BatchTokens - 1) / BatchTokens : 0;

    /// <summary>
    /// The N of scaling laws: the weights of the linear layers, which are those that are compressed. Embedding, head and norms are not
    /// counted.
    /// </summary>
    public long Parameters => (long)Layers * (4L * Width * Width + 3L * Width * Hidden);

    /// <summary>
    /// All fields as one canonical text: what makes two runs the same run. Fields that came later are named where they are not the
    /// default only, so that runs stored before are found.
    /// </summary>
    public string Key =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"layers={Layers};width={Width};heads={Heads};hidden={Hidden};context={Context};tokens={Tokens};batch={BatchTokens};lr={LearningRate:R};decay={WeightDecay:R};optimizer={Optimizer};tied={(TiedEmbeddings ? 1 : 0)};weights={Weights};activations={Activations};method={Method};data={Data};seed={Seed}{Later()}"
        );

    /// <summary>
    /// The same run in the words that name it: steps are whole; where nothing is compressed no method and no moment to begin matters.
    /// </summary>
    /// <exception cref="ArgumentException">A method or schedule is none.</exception>
    public TrainingSpec Canonical()
    {
        bool plain = Weights == "dense" && Activations == "dense" && !TrainingMethods.ChangesDense(Method);
        double from = plain ? 0 : QatFrom;
        return this with
        {
            Tokens = Steps > 0 ? Steps * BatchTokens : Tokens,
            Method = plain ? TrainingMethods.All[0].Name : Method,
            Schedule = RateSchedule.Parse(Schedule).Name,
            QatFrom = from,
            QatFused = QatFused && from is > 0 and < 1,
        };
    }

    /// <summary>Steps before the representation is put on.</summary>
    internal long DenseSteps => (long)Math.Round(QatFrom * Steps);

    /// <summary>Checks the numbers. Names of formats, methods and files are checked when the run begins.</summary>
    /// <exception cref="ArgumentException">A field is out of range; the message names it, what it is and what it may be.</exception>
    public void Validate()
    {
        AtLeast(nameof(Layers), Layers, 1);
        AtLeast(nameof(Width), Width, 1);
        AtLeast(nameof(Heads), Heads, 1);
        AtLeast(nameof(Hidden), Hidden, 1);
        AtLeast(nameof(Context), Context, 2);
        AtLeast(nameof(BatchTokens), BatchTokens, 1);
        AtLeast(nameof(Tokens), Tokens, 1);
        if (Width % (2 * Heads) != 0)
        {
            throw Wrong(
                nameof(Width),
                Width,
                $"a multiple of {2 * Heads}, twice the {Heads} heads, for instance {(Width / (2 * Heads) + 1) * 2 * Heads}"
            );
        }
        if (BatchTokens % Context != 0)
        {
            throw Wrong(
                nameof(BatchTokens),
                BatchTokens,
                $"a multiple of the context {Context}, for instance {(BatchTokens / Context + 1) * Context}"
            );
        }
        if (!(LearningRate > 0 && LearningRate < 1))
        {
            throw Wrong(nameof(LearningRate), LearningRate, "a number above 0 and below 1, for instance 0.003");
        }
        if (!(WeightDecay >= 0 && WeightDecay < 1 / LearningRate))
        {
            throw Wrong(nameof(WeightDecay), WeightDecay, $"0 or more and below 1 / {nameof(LearningRate)}, for instance 0.1");
        }
        RateSchedule.Parse(Schedule);
        OneOf(nameof(Parameterisation), Parameterisation, [StandardParameterisation, Mup]);
        OneOf(nameof(Optimizer), Optimizer, [AdamW, AmsGrad]);
        if (!(QatFrom >= 0 && QatFrom <= 1))
        {
            throw Wrong(nameof(QatFrom), QatFrom, "a share of the steps from 0 to 1, for instance 0.9");
        }
        if (QatFused && QatFrom == 0)
        {
            throw Wrong(nameof(QatFused), QatFused, $"false where {nameof(QatFrom)} is 0: all steps have the representation");
        }
    }

    private string Later() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(Schedule == "cosine" ? "" : $";schedule={Schedule}")}{(QatFrom == 0 ? "" : $";qatFrom={QatFrom:R}")}{(QatFused ? ";qatFused=1" : "")}{(Parameterisation == StandardParameterisation ? "" : $";parameterisation={Parameterisation}")}"
        );

    private static void OneOf(string field, string value, IReadOnlyList<string> right)
    {
        if (!right.Contains(value))
        {
            throw new ArgumentException($"{field} is '{value}'. {NearestName.Sentence(value, right)}", field);
        }
    }

    private static void AtLeast(string field, long value, long least)
    {
        if (value < least)
        {
            throw Wrong(field, value, string.Create(CultureInfo.InvariantCulture, $"{least} or more"));
        }
    }

    private static ArgumentException Wrong(string field, object value, string right) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{field} is {value}; it must be {right}."), field);
}
