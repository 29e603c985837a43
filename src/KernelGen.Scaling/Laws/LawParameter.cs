namespace KernelGen.Scaling;

/// <summary>One row of a law's table of parameters.</summary>
/// <param name="Name">Name, as it stands in fitted laws; a parameter of a group has the group in brackets, <c>F[uniform]</c>.</param>
/// <param name="Lower">Smallest value allowed. A fit that ends there says so.</param>
/// <param name="Upper">Largest value allowed.</param>
/// <param name="StartLow">Least starting value of the multi-start.</param>
/// <param name="StartHigh">Largest starting value of the multi-start.</param>
/// <param name="Meaning">What the parameter stands for.</param>
public sealed record LawParameter(string Name, double Lower, double Upper, double StartLow, double StartHigh, string Meaning)
{
    /// <summary>The coordinate of the search.</summary>
    public ParameterScale Scale { get; init; }

    /// <summary>
    /// Value taken when nothing is fitted; null where no coefficient was seen in a primary source or computed from one.
    /// </summary>
    public double? Default { get; init; }

    /// <summary>How well <see cref="Default"/> is known.</summary>
    public SourceMark Mark { get; init; }

    /// <summary>True for a parameter that a fit holds at <see cref="Default"/> unless it is told to free it.</summary>
    public bool Held { get; init; }

    /// <summary>A positive parameter searched in log space.</summary>
    /// <param name="name">Name.</param>
    /// <param name="startLow">Least starting value.</param>
    /// <param name="startHigh">Largest starting value.</param>
    /// <param name="meaning">What it stands for.</param>
    /// <param name="value">Default.</param>
    public static LawParameter Positive(string name, double startLow, double startHigh, string meaning, double? value = null) =>
        new(name, startLow * 1e-8, startHigh * 1e8, startLow, startHigh, meaning) { Scale = ParameterScale.Log, Default = value };

    /// <summary>An exponent, searched as it is, in [0, 4].</summary>
    /// <param name="name">Name.</param>
    /// <param name="meaning">What it stands for.</param>
    /// <param name="value">Default.</param>
    /// <param name="startHigh">Largest starting value.</param>
    public static LawParameter Exponent(string name, string meaning, double? value = null, double startHigh = 1) =>
        new(name, 0, 4, 0.05, startHigh, meaning) { Default = value };
}
