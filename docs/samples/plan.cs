#:project ../../src/KernelGen.Scaling/KernelGen.Scaling.csproj
#:project ../../formats/KernelGen.Formats/KernelGen.Formats.csproj

// A plan: which format gives the least loss in 24 GB of weights, after training on 2e12 tokens? Chinchilla's law predicts the loss; what a
// format leaves of the parameters is measured here.
//
//     dotnet run docs/samples/plan.cs
//
// prints
//
//     int2-g32   76.8 billion parameters   act like 40.3   loss 1.9815
//     q4_k       42.7 billion parameters   act like 39.9   loss 1.9819
//     mxfp4      45.2 billion parameters   act like 39.3   loss 1.9824
//     q8_0       22.6 billion parameters   act like 22.6   loss 2.0037
//     dense      12.0 billion parameters   act like 12.0   loss 2.0334

using System.Globalization;
using KernelGen;
using KernelGen.Formats;
using KernelGen.Scaling;

IScalingLaw law = LawCatalog.Create("chinchilla", []);
LawCoefficients coefficients = law.Published[0];
var planner = new LawPlanner(FitDocument.Of(law.For(coefficients), coefficients), CapacityLender.Published);
var request = new PlanRequest { Memory = ByteSize.Parse("24GB"), Tokens = 2e12 };

RepresentationPoint[] formats =
[
    RepresentationPoint.Dense,
    Measured(CompressedFormat.Of<Q8_0>()),
    Measured(CompressedFormat.Of<MxFp4>()),
    Measured(CompressedFormat.Of<Q4_K>()),
    Measured(CompressedFormat.Of<Int2G32>()),
];
IEnumerable<LawInput> candidates = formats.Select(weights => new LawInput(1, request.Tokens.Value, weights));
foreach (PlanRow row in new BudgetPlanner(planner, request).Rows(candidates))
{
    Console.WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"{row.Input.Weights.Name, -9} {row.Input.Params / 1e9, 5:F1} billion parameters   act like {row.EffectiveParams / 1e9:F1}   "
                + $"loss {row.Forecast.Loss:F4}"
        )
    );
}

static RepresentationPoint Measured(CompressedFormat format)
{
    CapacityResult result = CapacityProbe.Measure(format, new ProbeOptions { Samples = 1 << 21 });
    return new(result.Name, result.Bits, result.Gmse, result.Family.Name);
}
