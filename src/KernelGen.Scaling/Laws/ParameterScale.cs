namespace KernelGen.Scaling;

/// <summary>The coordinate in which a parameter is searched for.</summary>
public enum ParameterScale
{
    /// <summary>The parameter itself.</summary>
    Linear,

    /// <summary>Its natural logarithm; for positive parameters whose order of magnitude is unknown.</summary>
    Log,
}
