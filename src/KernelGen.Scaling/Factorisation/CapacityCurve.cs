namespace KernelGen.Scaling;

/// <summary>A capacity curve fitted to measured (GMSE, ρ) points by least squares in ρ.</summary>
/// <param name="Form">The form.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="Residuals">Fitted minus measured ρ per point.</param>
public sealed record CapacityCurve(CapacityForm Form, IReadOnlyList<ParameterEstimate> Parameters, IReadOnlyList<double> Residuals)
{
    /// <summary>The largest residual.</summary>
    public double MaxAbsResidual => Residuals.Max(Math.Abs);

    /// <summary>Root mean square of the residuals.</summary>
    public double Rms => Math.Sqrt(Residuals.Average(r => r * r));

    /// <summary>The fitted ρ.</summary>
    /// <param name="gmse">Gaussian MSE relative to the variance, in [0, 1].</param>
    public double Capacity(double gmse) => Form.Capacity(gmse, [.. Parameters.Select(p => p.Value)]);

    /// <summary>Fits a form.</summary>
    /// <param name="form">The form.</param>
    /// <param name="points">GMSE and ρ of each representation, ρ above 0; more of them than free parameters.</param>
    /// <param name="bootstrap">Resamples for intervals.</param>
    /// <param name="saturates">True to fit the ceiling L instead of holding it at 1.</param>
    /// <exception cref="FitException">There are too few points.</exception>
    public static CapacityCurve Fit(
        CapacityForm form,
        IReadOnlyList<(double Gmse, double Capacity)> points,
        int bootstrap = 0,
        bool saturates = false
    )
    {
        FittedLaw fit = LawFit.Run(
            new CurveLaw(form),
            [
                .. points.Select(point => new TrainingRun(
                    new LawInput(1, 1, columns: new Dictionary<string, double> { ["gmse"] = point.Gmse }),
                    point.Capacity
                )),
            ],
            new FitOptions
            {
                HuberDelta = 10, // Above every difference of capacities: plain least squares.
                Bootstrap = bootstrap,
                Descents = 8,
                Candidates = 400,
                Free = saturates && form.Parameters.Any(p => p.Name == "L") ? new HashSet<string> { "L" } : new HashSet<string>(),
            }
        );
        return new(form, fit.Parameters, fit.Residuals);
    }

    private sealed class CurveLaw(CapacityForm form) : ScalingLaw
    {
        public override string Name => "capacity " + form.Name;

        public override string Title => "Capacity by Gaussian MSE";

        public override string Formula => form.Formula;

        public override string Citation => "Panferov et al. 2025, arXiv:2506.01863";

        public override string Predicts => "capacity, in (0, 1]";

        public override bool LogResiduals => false;

        public override IReadOnlyList<LawColumn> Columns { get; } = [new("gmse", "Gaussian MSE")];

        public override IReadOnlyList<LawParameter> Parameters => form.Parameters;

        protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p) => Traced.Exp(form.LogCapacity(input["gmse"], p));
    }
}
