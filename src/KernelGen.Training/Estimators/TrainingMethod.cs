using KernelGen.Kernels.Elements;
using KernelGen.Scaling;

namespace KernelGen.Training;

/// <summary>A number that a method takes.</summary>
/// <param name="Name">Its name, as in <c>method:name=value</c>.</param>
/// <param name="Default">What it is if it is not given; null where the method finds it by itself.</param>
/// <param name="Least">Smallest value.</param>
/// <param name="Most">Largest value.</param>
/// <param name="Summary">What it says.</param>
public sealed record MethodNumber(string Name, double? Default, double Least, double Most, string Summary);

/// <summary>A way to train through a compression.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Summary">What it does.</param>
/// <param name="Numbers">The numbers it takes; the first may be given without its name.</param>
/// <param name="ForActivations">Whether activations can be trained this way too.</param>
public sealed record TrainingMethod(string Name, string Summary, IReadOnlyList<MethodNumber> Numbers, bool ForActivations)
{
    /// <summary>Makes the estimator of one place.</summary>
    internal Func<MethodPlace, Estimator> Create { get; init; } = place => new StraightThrough(place.Holder);

    /// <summary>Whether the method does something to values that are not compressed.</summary>
    internal bool ChangesDense { get; init; }
}

/// <summary>A place for which an estimator is made.</summary>
/// <param name="Holder">How values are held there.</param>
/// <param name="Rows">Rows of a matrix of weights; 0 for activations.</param>
/// <param name="Columns">Columns.</param>
/// <param name="Number">Number of the place.</param>
/// <param name="Numbers">The method's numbers by name.</param>
internal sealed record MethodPlace(Holder Holder, int Rows, int Columns, int Number, IReadOnlyDictionary<string, double> Numbers)
{
    public Representation Representation => Holder.Representation;

    /// <summary>Rows and columns of all matrices that the method is for, by number; none for activations.</summary>
    public IReadOnlyList<(int Rows, int Columns)> Shapes { get; init; } = [];

    /// <summary>A number that is given, or has a default.</summary>
    public double this[string name] => Numbers[name];

    /// <summary>The levels of the declared format.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public LevelGrid Grid(string method)
    {
        IReadOnlyList<double> levels = Representation is { Mask: null, Format: { } format }
            ? CapacityProbe.DistinctLevels(format.Info)
            : [];
        return levels.Count >= 2
            ? new LevelGrid(levels)
            : throw new ArgumentException(
                $"Method {method} needs a scalar format of at most 8 bits, of which it takes the levels, and no mask; "
                    + $"'{Representation.Name}' is none.",
                nameof(TrainingSpec.Method)
            );
    }

    /// <summary>The mask.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public Sparsity Mask(string method) =>
        Representation.Mask
        ?? throw new ArgumentException(
            $"Method {method} needs a mask such as sparse50% or 2:4; '{Representation.Name}' has none.",
            nameof(TrainingSpec.Method)
        );

    /// <summary>The density of a mask without a pattern and without a format behind it.</summary>
    /// <exception cref="ArgumentException">There is no such mask.</exception>
    public double Unstructured(string method) =>
        Representation is { Mask: UnstructuredSparsity mask } && Representation.Name == mask.Name
            ? mask.Density
            : throw new ArgumentException(
                $"Method {method} needs a share of zeros alone, such as sparse50%; '{Representation.Name}' is none.",
                nameof(TrainingSpec.Method)
            );
}
