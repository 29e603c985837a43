namespace KernelGen.Scaling;

/// <summary>
/// What a probe feeds a representation with: one of the random sources of unit variance, or a tensor
/// (<see cref="TensorSource"/>).
/// </summary>
public abstract class ValueSource
{
    private protected ValueSource(string name) => Name = name;

    /// <summary>Name as <see cref="Parse"/> reads it and as reports print it: <c>gaussian</c>, <c>student-t:5</c>…</summary>
    public string Name { get; }

    /// <summary>N(0, 1): the source by which capacity is defined.</summary>
    public static RandomSource Gaussian { get; } = new RandomSource<GaussianSampler>("gaussian", default);

    /// <summary>Logistic, mean 0, variance 1.</summary>
    public static RandomSource Logistic { get; } = new RandomSource<LogisticSampler>("logistic", default);

    /// <summary>Laplace, mean 0, variance 1.</summary>
    public static RandomSource Laplace { get; } = new RandomSource<LaplaceSampler>("laplace", default);

    /// <summary>Student's t, scaled to variance 1.</summary>
    /// <param name="degreesOfFreedom">Degrees of freedom ν, above 2 (below, the variance is infinite) and at most 10⁶.</param>
    /// <exception cref="ArgumentOutOfRangeException">ν is 2 or less, NaN, or above 10⁶.</exception>
    public static RandomSource StudentT(double degreesOfFreedom)
    {
        if (!(degreesOfFreedom > 2) || degreesOfFreedom > 1e6)
        {
            throw new ArgumentOutOfRangeException(
                nameof(degreesOfFreedom),
                degreesOfFreedom,
                "Student's t has unit variance only for more than 2 degrees of freedom; at most 1e6 are taken."
            );
        }
        return new RandomSource<StudentTSampler>(
            FormattableString.Invariant($"student-t:{degreesOfFreedom}"),
            new StudentTSampler(degreesOfFreedom)
        );
    }

    /// <summary>Reads a source: <c>gaussian</c>, <c>logistic</c>, <c>laplace</c>, <c>student-t:NU</c> (ν = 5 if left out).</summary>
    /// <param name="text">The text, without regard to case.</param>
    /// <exception cref="FormatException">There is no such source; the message names those there are.</exception>
    public static RandomSource Parse(string text)
    {
        string[] parts = text.Trim().ToLowerInvariant().Split(':', 2);
        switch (parts)
        {
            case ["gaussian" or "normal"]:
                return Gaussian;
            case ["logistic"]:
                return Logistic;
            case ["laplace"]:
                return Laplace;
            case ["student-t"]:
                return StudentT(5);
            case ["student-t", var degrees]
                when double.TryParse(
                    degrees,
                    System.Globalization.NumberStyles.Float,
                    System.Globalization.CultureInfo.InvariantCulture,
                    out double nu
                )
                    && nu > 2
                    && nu <= 1e6:
                return StudentT(nu);
            case ["student-t", var degrees]:
                throw new FormatException($"student-t:{degrees}: the degrees of freedom must be a number above 2 and at most 1e6.");
            default:
                throw new FormatException(
                    $"There is no source '{text}'. {NearestName.Sentence(text, ["gaussian", "logistic", "laplace", "student-t"])}"
                );
        }
    }

    /// <summary>The source's name.</summary>
    public override string ToString() => Name;
}
