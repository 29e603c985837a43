namespace KernelGen.Scaling;

/// <summary>A curve that gives the capacity ρ of a representation from its Gaussian MSE; one set of parameters per family.</summary>
public abstract class CapacityForm
{
    /// <summary>The curves there are. The fourth form, a free ρ per representation, is <see cref="DecoupledLaw"/>.</summary>
    public static IReadOnlyList<CapacityForm> All { get; } = [new TanhForm(), new LogisticForm(), new PinnedLogisticForm()];

    /// <summary>Name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>The formula in plain text.</summary>
    public abstract string Formula { get; }

    /// <summary>The parameters of one family, with bare names.</summary>
    public abstract IReadOnlyList<LawParameter> Parameters { get; }

    /// <summary>
    /// The parameter that bends the curve, and the value it is held at where runs see the curve at one Gaussian MSE only and so can
    /// determine one number of it.
    /// </summary>
    public abstract (string Name, double Usual) Shape { get; }

    /// <summary>ln ρ.</summary>
    /// <param name="gmse">Gaussian MSE relative to the variance, in [0, 1).</param>
    /// <param name="p">Values in the order of <see cref="Parameters"/>.</param>
    public abstract Traced LogCapacity(double gmse, ReadOnlySpan<Traced> p);

    /// <summary>The capacity ρ.</summary>
    /// <param name="gmse">Gaussian MSE relative to the variance, in [0, 1].</param>
    /// <param name="parameters">Values in the order of <see cref="Parameters"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The MSE is negative, above 1 or not a number.</exception>
    public double Capacity(double gmse, ReadOnlySpan<double> parameters)
    {
        if (!(gmse is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(gmse), gmse, "A Gaussian MSE lies in [0, 1].");
        }
        return Math.Exp(LogCapacity(gmse, Traced.Constants(parameters)).Value);
    }

    /// <summary>The form of a name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="KeyNotFoundException">There is no such form; the message names the nearest.</exception>
    public static CapacityForm Named(string name) =>
        All.FirstOrDefault(form => form.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new KeyNotFoundException(
            $"There is no form of capacity '{name}'. {NearestName.Sentence(name, All.Select(form => form.Name))}"
        );

    /// <summary>Keeps a Gaussian MSE inside (0, 1), where logarithms exist: 0 stands for a loss below any float's.</summary>
    private protected static double Inside(double gmse) => Math.Clamp(gmse, 1e-30, 1 - 1e-12);
}
