using System.Globalization;
using KernelGen.Scaling;

namespace KernelGen.Training;

/// <summary>
/// The methods by name. A method is written <c>name</c>, <c>name:number</c> or <c>name:a=1,b=2</c>; <c>W x A</c> names one for
/// weights and one for activations. One name alone stands for both where it can, else activations go straight through.
/// </summary>
public static class TrainingMethods
{
    private static readonly MethodNumber Every = new("every", 100, 1, 1e9, "optimiser steps between changes of the mask");

    /// <summary>All methods.</summary>
    public static IReadOnlyList<TrainingMethod> All { get; } =
    [
        new("ste", "straight-through estimator", [], true),
        new("clip-ste", "straight-through, without gradient beyond the largest held value", [], true)
        {
            Create = place => new ClippedStraightThrough(place.Holder, place.Rows == 0),
        },
        new("lsq", "learned step size for the levels of a scalar format", [], true)
        {
            Create = place => new LearnedStep(place.Grid("lsq")),
        },
        new("quest", "Hadamard rotation, RMS-scaled grid of the format's levels, trust mask", [], true)
        {
            Create = place => new Quest(place.Grid("quest")),
        },
        new("vq-mask", "trust mask over vectors of a code", [new("dimension", 2, 1, 16, "values of a vector")], true)
        {
            Create = place => new VectorTrust(place.Holder, (int)place["dimension"], Gmse(place.Representation)),
        },
        new(
            "noise",
            "Gaussian noise in place of the compression",
            [new("gmse", null, 0, 1, "its mean square over the values'; by default the representation's error")],
            true
        )
        {
            ChangesDense = true,
            Create = place => new NoiseInjection(
                place.Numbers.TryGetValue("gmse", out double gmse) ? gmse : Gmse(place.Representation),
                place.Rows == 0
            ),
        },
        new("shared", "gradient of the shared values, for weights that share them", [], false)
        {
            Create = place =>
                place.Representation.Sharing > 1
                    ? new SharedGradient(place.Holder)
                    : throw Wrong(
                        $"Method shared needs weights that share values, such as shared4; '{place.Representation.Name}' does not."
                    ),
        },
        Sparse("fw", "gradient of kept weights only", BackwardMask.Forward, []),
        Sparse(
            "rms",
            "gradient where |w| > RMS·Φ⁻¹(½ + p)",
            BackwardMask.Rms,
            [new("p", 0.25, 1e-6, 0.5 - 1e-6, "share of Gaussian weights between 0 and the threshold")]
        ),
        Sparse(
            "b-rms",
            "gradient but in the band where mask and RMS disagree",
            BackwardMask.BandedRms,
            [new("p", 0.25, 1e-6, 0.5 - 1e-6, "share of Gaussian weights between 0 and the threshold")]
        ),
        Sparse(
            "a-b-rms",
            "gradient of kept weights and of the smallest ones",
            BackwardMask.ScaledBand,
            [new("a", 0.5, 0, 1, "width of the band: 0 lets everything through, 1 what is kept")]
        ),
        new(
            "gmp",
            "gradual magnitude pruning to the mask's density",
            [
                Every with
                {
                    Default = 20,
                },
                new("begin", 0.1, 0, 1, "share of the run before pruning"),
                new("end", 0.7, 0, 1, "share of the run at whose end pruning is done"),
            ],
            false
        )
        {
            Create = place => new MagnitudePruning(
                place.Rows * place.Columns,
                place.Unstructured("gmp"),
                place["begin"],
                place["end"],
                (long)place["every"]
            ),
        },
        new(
            "rigl",
            "RigL: a sparse model from the start, whose mask follows gradients",
            [
                Every with
                {
                    Default = 50,
                },
                new("drop", 0.3, 0, 1, "share of kept weights that is replaced at first"),
                new("erk", 1, 0, 1, "1: smaller matrices keep more, as in a random graph; 0: all keep the same share"),
            ],
            false
        )
        {
            Create = place => new RiggedLottery(
                place.Rows * place.Columns,
                place["erk"] == 1
                    ? ErdosRenyi.Densities(place.Shapes, place.Unstructured("rigl"))[place.Number]
                    : place.Unstructured("rigl"),
                place["drop"],
                (long)place["every"],
                (ulong)place.Number
            ),
        },
    ];

    /// <summary>A method by name.</summary>
    /// <param name="text">A method with its numbers, for weights or for activations.</param>
    /// <exception cref="ArgumentException">There is no such method, or a number is none or out of range.</exception>
    internal static (TrainingMethod Method, IReadOnlyDictionary<string, double> Numbers) Parse(string text)
    {
        string[] halves = text.Split(':', 2, StringSplitOptions.TrimEntries);
        TrainingMethod method = All.FirstOrDefault(one => one.Name.Equals(halves[0], StringComparison.OrdinalIgnoreCase))
            ?? throw Wrong($"Method '{halves[0]}' is none. {NearestName.Sentence(halves[0], All.Select(one => one.Name))}");
        Dictionary<string, double> numbers = method
            .Numbers.Where(number => number.Default is not null)
            .ToDictionary(number => number.Name, number => number.Default!.Value);
        foreach (string part in halves.Length == 2 ? halves[1].Split(',', StringSplitOptions.TrimEntries) : [])
        {
            string[] pair = part.Split('=', 2, StringSplitOptions.TrimEntries);
            string names = string.Join(", ", method.Numbers.Select(one => one.Name));
            MethodNumber number = (
                pair.Length == 1 ? method.Numbers.FirstOrDefault() : method.Numbers.FirstOrDefault(one => one.Name == pair[0])
            ) ?? throw Wrong($"Method {method.Name} takes {(names.Length == 0 ? "no numbers" : names)}, not '{part}'.");
            if (
                !double.TryParse(pair[^1], NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                || !(value >= number.Least && value <= number.Most)
            )
            {
                throw Wrong(
                    $"Method {method.Name}: {number.Name} is '{pair[^1]}'; it must be a number from {number.Least} to {number.Most}."
                );
            }
            numbers[number.Name] = value;
        }
        return (method, numbers);
    }

    /// <summary>
    /// Whether a method of weights or activations does something to values that are not compressed: noise of a given error does.
    /// </summary>
    /// <param name="text">A method, or one for weights and one for activations.</param>
    /// <exception cref="ArgumentException">There is no such method.</exception>
    internal static bool ChangesDense(string text) =>
        text.Split(" x ", StringSplitOptions.TrimEntries).Select(Parse).Any(one => one.Method.ChangesDense && one.Numbers.Count > 0);

    private static TrainingMethod Sparse(string name, string summary, BackwardMask mask, IReadOnlyList<MethodNumber> numbers) =>
        new(name, summary, numbers, true)
        {
            Create = place =>
            {
                place.Mask(name);
                return new SparseBackward(place.Holder, mask, numbers.Count > 0 ? place[numbers[0].Name] : 0);
            },
        };

    /// <summary>The error of a representation on Gaussian values, from a million samples.</summary>
    private static double Gmse(Representation representation) =>
        representation.Measure(new ProbeOptions { Samples = 1 << 20, Threads = 1 }).Weights.Gmse;

    private static ArgumentException Wrong(FormattableString message) =>
        new(FormattableString.Invariant(message), nameof(TrainingSpec.Method));
}
