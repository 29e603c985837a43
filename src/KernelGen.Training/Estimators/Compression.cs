using KernelGen.Scaling;

namespace KernelGen.Training;

/// <summary>How the linear layers of a model are compressed.</summary>
/// <param name="Weights">The matrices that are; none for dense weights.</param>
/// <param name="Inputs">The inputs, <see cref="Decoder.InputsPerLayer"/> of each layer; null for dense activations.</param>
internal sealed record Compression(IReadOnlyList<HeldWeight> Weights, IReadOnlyList<HeldInput>? Inputs)
{
    /// <summary>What a run asks for.</summary>
    /// <param name="spec">The run.</param>
    /// <param name="formats">Where formats come from.</param>
    /// <param name="layout">The parameters; learned scales are put behind them.</param>
    /// <exception cref="ArgumentException">A method is wrong, or does not go with the representation.</exception>
    /// <exception cref="FormatException">An expression is no representation.</exception>
    public static Compression Of(TrainingSpec spec, FormatCatalog formats, ParameterLayout layout)
    {
        string[] methods = spec.Method.Split(" x ", StringSplitOptions.TrimEntries);
        if (methods.Length > 2)
        {
            throw new ArgumentException(
                $"Method '{spec.Method}' has {methods.Length} sides; there are weights and at most one kind of activations.",
                nameof(spec)
            );
        }
        var weights = TrainingMethods.Parse(methods[0]);
        var activations = TrainingMethods.Parse(
            methods.Length == 2 ? methods[1]
            : weights.Method.ForActivations && FitsInputs(weights.Method) ? methods[0]
            : "ste"
        );
        if (!activations.Method.ForActivations)
        {
            throw new ArgumentException(
                $"Method {activations.Method.Name} is for weights only; for activations there are "
                    + $"{string.Join(", ", TrainingMethods.All.Where(one => one.ForActivations).Select(one => one.Name))}.",
                nameof(spec)
            );
        }
        Representation weightSide = Side(nameof(spec.Weights), spec.Weights, formats),
            inputSide = Side(nameof(spec.Activations), spec.Activations, formats);
        if (inputSide.WeightsOnly)
        {
            throw new ArgumentException(
                $"{nameof(spec.Activations)} is '{spec.Activations}', which is for matrices of weights; tokens have no rows, columns or "
                    + "places that stay.",
                nameof(spec)
            );
        }
        return new(Matrices(), Places());

        // A mask's method says nothing about activations that have no mask, and numbers given for weights are not meant for them.
        bool FitsInputs(TrainingMethod method) => method.Numbers.Count == 0 && method.Name != "fw";

        IReadOnlyList<HeldWeight> Matrices()
        {
            bool alone = weights.Method.ChangesDense && weights.Numbers.Count > 0;
            if (weightSide.Mask is null && weightSide.Name == Representation.Dense.Name && !alone)
            {
                return [];
            }
            ParameterTensor[] linear = [.. layout.Tensors.Where(tensor => tensor.Kind == ParameterKind.Linear)];
            (int, int)[] shapes = [.. linear.Select(tensor => (tensor.Rows, tensor.Columns))];
            return
            [
                .. linear.Select(
                    (tensor, i) =>
                    {
                        var place = new MethodPlace(new Holder(weightSide, tokens: false), tensor.Rows, tensor.Columns, i, weights.Numbers)
                        {
                            Shapes = shapes,
                        };
                        Estimator estimator = weights.Method.Create(place);
                        return new HeldWeight(tensor, estimator, Scales(tensor.Name + ".scale", estimator), i);
                    }
                ),
            ];
        }

        IReadOnlyList<HeldInput>? Places()
        {
            bool alone = methods.Length == 2 && activations.Method.ChangesDense && activations.Numbers.Count > 0;
            if (inputSide.Name == Representation.Dense.Name && !alone)
            {
                return null;
            }
            return
            [
                .. Enumerable
                    .Range(0, spec.Layers * Decoder.InputsPerLayer)
                    .Select(i =>
                    {
                        Estimator estimator = activations.Method.Create(
                            new MethodPlace(new Holder(inputSide, tokens: true), 0, 0, i, activations.Numbers)
                        );
                        return new HeldInput(estimator, Scales($"input.{i}.scale", estimator), i);
                    }),
            ];
        }

        ParameterTensor? Scales(string name, Estimator estimator) =>
            estimator.Learned > 0 ? layout.Add(name, 1, estimator.Learned, ParameterKind.Learned) : null;
    }

    private static Representation Side(string field, string text, FormatCatalog formats)
    {
        Representation side;
        try
        {
            side = Representation.Parse(text, formats);
        }
        catch (FormatException e)
        {
            throw new FormatException($"{field}: {e.Message}", e);
        }
        return side.Activations is null
            ? side
            : throw new ArgumentException(
                $"{field} is '{text}', which speaks of activations too; weights and activations have a field each.",
                field
            );
    }
}
